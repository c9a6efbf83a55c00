target triple = "x86_64-unknown-linux-gnu"

define i32 @tilewright_entry(ptr noalias %services, ptr noalias readonly %arguments, i64 %first, i64 %last) #0 {
entry:
  %v1 = load ptr, ptr %services, align 8, !invariant.load !{}
  %v2 = getelementptr i8, ptr %v1, i64 64
  store <8 x i64> zeroinitializer, ptr %v2, align 64
  %v3 = getelementptr i8, ptr %arguments, i64 0
  %v4 = load i64, ptr %v3, align 8, !invariant.load !{}
  %v5 = getelementptr i8, ptr %arguments, i64 8
  %v6 = load i64, ptr %v5, align 8, !invariant.load !{}
  %v7 = getelementptr i8, ptr %arguments, i64 16
  %v8 = load i64, ptr %v7, align 8, !invariant.load !{}
  %v9 = getelementptr i8, ptr %arguments, i64 24
  %v10 = load ptr, ptr %v9, align 8, !invariant.load !{}
  %v11 = getelementptr i8, ptr %arguments, i64 32
  %v12 = load i64, ptr %v11, align 8, !invariant.load !{}
  %v13 = getelementptr i8, ptr %arguments, i64 48
  %v14 = load i64, ptr %v13, align 8, !invariant.load !{}
  %v15 = getelementptr i8, ptr %arguments, i64 40
  %v16 = load i64, ptr %v15, align 8, !invariant.load !{}
  %v17 = getelementptr i8, ptr %arguments, i64 64
  %v18 = load ptr, ptr %v17, align 8, !invariant.load !{}
  %v19 = getelementptr i8, ptr %arguments, i64 72
  %v20 = load i64, ptr %v19, align 8, !invariant.load !{}
  %v21 = getelementptr i8, ptr %arguments, i64 88
  %v22 = load i64, ptr %v21, align 8, !invariant.load !{}
  %v23 = getelementptr i8, ptr %arguments, i64 80
  %v24 = load i64, ptr %v23, align 8, !invariant.load !{}
  %v25 = getelementptr i8, ptr %arguments, i64 104
  %v26 = load ptr, ptr %v25, align 8, !invariant.load !{}
  %v27 = getelementptr i8, ptr %arguments, i64 112
  %v28 = load i64, ptr %v27, align 8, !invariant.load !{}
  %v29 = getelementptr i8, ptr %arguments, i64 128
  %v30 = load i64, ptr %v29, align 8, !invariant.load !{}
  %v31 = getelementptr i8, ptr %arguments, i64 120
  %v32 = load i64, ptr %v31, align 8, !invariant.load !{}
  br label %loop33
loop33:
  %v37 = phi i64 [ %first, %entry ], [ %v470, %next35 ]
  %v38 = icmp slt i64 %v37, %last
  br i1 %v38, label %body34, label %after36
body34:
  %v39 = udiv i64 %v37, %v4
  %v40 = urem i64 %v37, %v4
  %v41 = urem i64 %v39, %v6
  %v42 = udiv i64 %v39, %v6
  ; #line 2
  %v43 = mul i64 %v40, 12
  ; #line 5
  %v44 = mul i64 %v41, 32
  br label %loop45
loop45:
  %v49 = phi i64 [ 0, %body34 ], [ %v53, %next47 ]
  br label %body46
body46:
  ; #line 6
  %v50 = getelementptr i8, ptr %v1, i64 128
  %v51 = mul i64 %v49, 32
  %v52 = getelementptr float, ptr %v50, i64 %v51
  store <32 x float> splat (float 0x0000000000000000), ptr %v52, align 4
  br label %next47
next47:
  ; #line 6
  %v53 = add nsw i64 %v49, 1
  %v54 = icmp slt i64 %v53, 12
  br i1 %v54, label %loop45, label %after48
after48:
  br label %loop55
loop55:
  %v59 = phi i64 [ 0, %after48 ], [ %v398, %next57 ]
  ; #line 10
  %v60 = icmp slt i64 %v59, %v16
  br i1 %v60, label %body56, label %after58
body56:
  ; #line 16
  %v68 = add i64 %v59, 0
  br label %loop61
loop61:
  %v65 = phi i64 [ 0, %body56 ], [ %v130, %next63 ]
  br label %body62
body62:
  ; #line 13
  %v66 = add i64 %v43, %v65
  ; #line 10
  %v67 = icmp ult i64 %v66, %v12
  %v69 = sub i64 %v16, %v68
  %v70 = icmp sge i64 %v68, 0
  %v71 = select i1 %v67, i64 8, i64 0
  %v72 = select i1 %v70, i64 %v69, i64 0
  %v73 = call i64 @llvm.smin.i64(i64 %v71, i64 %v72)
  %v74 = call i64 @llvm.smin.i64(i64 %v73, i64 8)
  %v75 = call i64 @llvm.smax.i64(i64 %v74, i64 0)
  %v76 = udiv i64 %v75, 8
  %v77 = mul i64 %v76, 8
  ; #line 17
  %v84 = mul i64 %v66, %v14
  %v85 = add i64 %v84, %v68
  %v86 = getelementptr float, ptr %v10, i64 %v85
  br label %loop78
loop78:
  %v82 = phi i64 [ 0, %body62 ], [ %v93, %next80 ]
  ; #line 10
  %v83 = icmp slt i64 %v82, %v77
  br i1 %v83, label %body79, label %after81
body79:
  ; #line 17
  %v87 = getelementptr float, ptr %v86, i64 %v82
  %v88 = load <8 x float>, ptr %v87, align 4
  %v89 = getelementptr i8, ptr %v1, i64 1664
  %v90 = mul i64 %v65, 8
  %v91 = add i64 %v90, %v82
  %v92 = getelementptr float, ptr %v89, i64 %v91
  store <8 x float> %v88, ptr %v92, align 4
  br label %next80
next80:
  ; #line 17
  %v93 = add nsw i64 %v82, 8
  br label %loop78
after81:
  ; #line 17
  %v100 = icmp ult i64 %v66, %v12
  %v117 = insertelement <8 x i1> poison, i1 %v100, i64 0
  %v118 = shufflevector <8 x i1> %v117, <8 x i1> poison, <8 x i32> zeroinitializer
  %v120 = mul i64 %v66, %v14
  %v121 = add i64 %v120, %v68
  %v122 = getelementptr float, ptr %v10, i64 %v121
  br label %loop94
loop94:
  %v98 = phi i64 [ %v77, %after81 ], [ %v129, %next96 ]
  ; #line 17
  %v99 = icmp slt i64 %v98, 8
  br i1 %v99, label %body95, label %after97
body95:
  ; #line 17
  %v101 = add i64 %v68, %v98
  %v102 = sub i64 %v16, %v101
  %v103 = sub i64 0, %v101
  %v104 = call i64 @llvm.smin.i64(i64 %v102, i64 8)
  %v105 = call i64 @llvm.smax.i64(i64 %v104, i64 0)
  %v106 = trunc i64 %v105 to i32
  %v107 = insertelement <8 x i32> poison, i32 %v106, i64 0
  %v108 = shufflevector <8 x i32> %v107, <8 x i32> poison, <8 x i32> zeroinitializer
  %v109 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v108
  %v110 = call i64 @llvm.smin.i64(i64 %v103, i64 8)
  %v111 = call i64 @llvm.smax.i64(i64 %v110, i64 0)
  %v112 = trunc i64 %v111 to i32
  %v113 = insertelement <8 x i32> poison, i32 %v112, i64 0
  %v114 = shufflevector <8 x i32> %v113, <8 x i32> poison, <8 x i32> zeroinitializer
  %v115 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v114
  %v116 = and <8 x i1> %v109, %v115
  %v119 = and <8 x i1> %v118, %v116
  %v123 = getelementptr float, ptr %v122, i64 %v98
  %v124 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v123, i32 4, <8 x i1> %v119, <8 x float> zeroinitializer)
  %v125 = getelementptr i8, ptr %v1, i64 1664
  %v126 = mul i64 %v65, 8
  %v127 = add i64 %v126, %v98
  %v128 = getelementptr float, ptr %v125, i64 %v127
  store <8 x float> %v124, ptr %v128, align 4
  br label %next96
next96:
  ; #line 17
  %v129 = add nsw i64 %v98, 8
  br label %loop94
after97:
  br label %next63
next63:
  ; #line 17
  %v130 = add nsw i64 %v65, 1
  %v131 = icmp slt i64 %v130, 12
  br i1 %v131, label %loop61, label %after64
after64:
  ; #line 23
  %v139 = add i64 %v44, 0
  br label %loop132
loop132:
  %v136 = phi i64 [ 0, %after64 ], [ %v209, %next134 ]
  br label %body133
body133:
  ; #line 20
  %v137 = add i64 %v59, %v136
  ; #line 17
  %v138 = icmp ult i64 %v137, %v20
  %v140 = sub i64 %v24, %v139
  %v141 = icmp sge i64 %v139, 0
  %v142 = select i1 %v138, i64 32, i64 0
  %v143 = select i1 %v141, i64 %v140, i64 0
  %v144 = call i64 @llvm.smin.i64(i64 %v142, i64 %v143)
  %v145 = call i64 @llvm.smin.i64(i64 %v144, i64 32)
  %v146 = call i64 @llvm.smax.i64(i64 %v145, i64 0)
  %v147 = udiv i64 %v146, 16
  %v148 = mul i64 %v147, 16
  ; #line 24
  %v155 = mul i64 %v137, %v22
  %v156 = add i64 %v155, %v139
  %v157 = getelementptr float, ptr %v18, i64 %v156
  br label %loop149
loop149:
  %v153 = phi i64 [ 0, %body133 ], [ %v168, %next151 ]
  ; #line 17
  %v154 = icmp slt i64 %v153, %v148
  br i1 %v154, label %body150, label %after152
body150:
  ; #line 24
  %v158 = getelementptr float, ptr %v157, i64 %v153
  %v159 = load <16 x float>, ptr %v158, align 4
  %v160 = udiv i64 %v153, 16
  %v161 = urem i64 %v153, 16
  %v162 = getelementptr i8, ptr %v1, i64 2048
  %v163 = mul i64 %v136, 16
  %v164 = mul i64 %v160, 128
  %v165 = add i64 %v163, %v164
  %v166 = add i64 %v165, %v161
  %v167 = getelementptr float, ptr %v162, i64 %v166
  store <16 x float> %v159, ptr %v167, align 4
  br label %next151
next151:
  ; #line 24
  %v168 = add nsw i64 %v153, 16
  br label %loop149
after152:
  ; #line 24
  %v175 = icmp ult i64 %v137, %v20
  %v192 = insertelement <8 x i1> poison, i1 %v175, i64 0
  %v193 = shufflevector <8 x i1> %v192, <8 x i1> poison, <8 x i32> zeroinitializer
  %v195 = mul i64 %v137, %v22
  %v196 = add i64 %v195, %v139
  %v197 = getelementptr float, ptr %v18, i64 %v196
  br label %loop169
loop169:
  %v173 = phi i64 [ %v148, %after152 ], [ %v208, %next171 ]
  ; #line 24
  %v174 = icmp slt i64 %v173, 32
  br i1 %v174, label %body170, label %after172
body170:
  ; #line 24
  %v176 = add i64 %v139, %v173
  %v177 = sub i64 %v24, %v176
  %v178 = sub i64 0, %v176
  %v179 = call i64 @llvm.smin.i64(i64 %v177, i64 8)
  %v180 = call i64 @llvm.smax.i64(i64 %v179, i64 0)
  %v181 = trunc i64 %v180 to i32
  %v182 = insertelement <8 x i32> poison, i32 %v181, i64 0
  %v183 = shufflevector <8 x i32> %v182, <8 x i32> poison, <8 x i32> zeroinitializer
  %v184 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v183
  %v185 = call i64 @llvm.smin.i64(i64 %v178, i64 8)
  %v186 = call i64 @llvm.smax.i64(i64 %v185, i64 0)
  %v187 = trunc i64 %v186 to i32
  %v188 = insertelement <8 x i32> poison, i32 %v187, i64 0
  %v189 = shufflevector <8 x i32> %v188, <8 x i32> poison, <8 x i32> zeroinitializer
  %v190 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v189
  %v191 = and <8 x i1> %v184, %v190
  %v194 = and <8 x i1> %v193, %v191
  %v198 = getelementptr float, ptr %v197, i64 %v173
  %v199 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v198, i32 4, <8 x i1> %v194, <8 x float> zeroinitializer)
  %v200 = udiv i64 %v173, 16
  %v201 = urem i64 %v173, 16
  %v202 = getelementptr i8, ptr %v1, i64 2048
  %v203 = mul i64 %v136, 16
  %v204 = mul i64 %v200, 128
  %v205 = add i64 %v203, %v204
  %v206 = add i64 %v205, %v201
  %v207 = getelementptr float, ptr %v202, i64 %v206
  store <8 x float> %v199, ptr %v207, align 4
  br label %next171
next171:
  ; #line 24
  %v208 = add nsw i64 %v173, 8
  br label %loop169
after172:
  br label %next134
next134:
  ; #line 24
  %v209 = add nsw i64 %v136, 1
  %v210 = icmp slt i64 %v209, 8
  br i1 %v210, label %loop132, label %after135
after135:
  ; #line 26
  %v211 = getelementptr i8, ptr %v1, i64 1664
  %v212 = getelementptr i8, ptr %v1, i64 2048
  %v213 = getelementptr i8, ptr %v1, i64 128
  br label %loop214
loop214:
  %v218 = phi i64 [ 0, %after135 ], [ %v396, %next216 ]
  br label %body215
body215:
  br label %loop219
loop219:
  %v223 = phi i64 [ 0, %body215 ], [ %v394, %next221 ]
  br label %body220
body220:
  ; #line 26
  %v224 = mul i64 %v223, 32
  %v225 = getelementptr float, ptr %v213, i64 %v224
  %v226 = getelementptr float, ptr %v225, i64 %v218
  %v227 = mul i64 %v223, 8
  %v228 = getelementptr float, ptr %v211, i64 %v227
  %v229 = udiv i64 %v218, 16
  %v230 = mul i64 %v229, 128
  %v231 = getelementptr float, ptr %v212, i64 %v230
  %v232 = getelementptr float, ptr %v226, i64 32
  %v233 = getelementptr float, ptr %v226, i64 64
  %v234 = getelementptr float, ptr %v226, i64 96
  %v235 = getelementptr float, ptr %v226, i64 128
  %v236 = getelementptr float, ptr %v226, i64 160
  %v237 = load <16 x float>, ptr %v226, align 4
  %v238 = load <16 x float>, ptr %v232, align 4
  %v239 = load <16 x float>, ptr %v233, align 4
  %v240 = load <16 x float>, ptr %v234, align 4
  %v241 = load <16 x float>, ptr %v235, align 4
  %v242 = load <16 x float>, ptr %v236, align 4
  br label %loop243
loop243:
  %v247 = phi i64 [ 0, %body220 ], [ %v392, %next245 ]
  %v248 = phi <16 x float> [ %v237, %body220 ], [ %v366, %next245 ]
  %v249 = phi <16 x float> [ %v238, %body220 ], [ %v371, %next245 ]
  %v250 = phi <16 x float> [ %v239, %body220 ], [ %v376, %next245 ]
  %v251 = phi <16 x float> [ %v240, %body220 ], [ %v381, %next245 ]
  %v252 = phi <16 x float> [ %v241, %body220 ], [ %v386, %next245 ]
  %v253 = phi <16 x float> [ %v242, %body220 ], [ %v391, %next245 ]
  br label %body244
body244:
  ; #line 26
  %v254 = mul i64 %v247, 16
  %v255 = getelementptr float, ptr %v231, i64 %v254
  %v256 = load <16 x float>, ptr %v255, align 4
  %v257 = getelementptr float, ptr %v228, i64 %v247
  %v258 = load float, ptr %v257, align 4
  %v259 = insertelement <16 x float> poison, float %v258, i64 0
  %v260 = shufflevector <16 x float> %v259, <16 x float> poison, <16 x i32> zeroinitializer
  %v261 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v260, <16 x float> %v256, <16 x float> %v248)
  %v262 = getelementptr float, ptr %v257, i64 8
  %v263 = load float, ptr %v262, align 4
  %v264 = insertelement <16 x float> poison, float %v263, i64 0
  %v265 = shufflevector <16 x float> %v264, <16 x float> poison, <16 x i32> zeroinitializer
  %v266 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v265, <16 x float> %v256, <16 x float> %v249)
  %v267 = getelementptr float, ptr %v257, i64 16
  %v268 = load float, ptr %v267, align 4
  %v269 = insertelement <16 x float> poison, float %v268, i64 0
  %v270 = shufflevector <16 x float> %v269, <16 x float> poison, <16 x i32> zeroinitializer
  %v271 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v270, <16 x float> %v256, <16 x float> %v250)
  %v272 = getelementptr float, ptr %v257, i64 24
  %v273 = load float, ptr %v272, align 4
  %v274 = insertelement <16 x float> poison, float %v273, i64 0
  %v275 = shufflevector <16 x float> %v274, <16 x float> poison, <16 x i32> zeroinitializer
  %v276 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v275, <16 x float> %v256, <16 x float> %v251)
  %v277 = getelementptr float, ptr %v257, i64 32
  %v278 = load float, ptr %v277, align 4
  %v279 = insertelement <16 x float> poison, float %v278, i64 0
  %v280 = shufflevector <16 x float> %v279, <16 x float> poison, <16 x i32> zeroinitializer
  %v281 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v280, <16 x float> %v256, <16 x float> %v252)
  %v282 = getelementptr float, ptr %v257, i64 40
  %v283 = load float, ptr %v282, align 4
  %v284 = insertelement <16 x float> poison, float %v283, i64 0
  %v285 = shufflevector <16 x float> %v284, <16 x float> poison, <16 x i32> zeroinitializer
  %v286 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v285, <16 x float> %v256, <16 x float> %v253)
  %v287 = mul i64 %v247, 16
  %v288 = getelementptr float, ptr %v231, i64 %v287
  %v289 = getelementptr float, ptr %v288, i64 16
  %v290 = load <16 x float>, ptr %v289, align 4
  %v291 = getelementptr float, ptr %v228, i64 %v247
  %v292 = getelementptr float, ptr %v291, i64 1
  %v293 = load float, ptr %v292, align 4
  %v294 = insertelement <16 x float> poison, float %v293, i64 0
  %v295 = shufflevector <16 x float> %v294, <16 x float> poison, <16 x i32> zeroinitializer
  %v296 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v295, <16 x float> %v290, <16 x float> %v261)
  %v297 = getelementptr float, ptr %v291, i64 9
  %v298 = load float, ptr %v297, align 4
  %v299 = insertelement <16 x float> poison, float %v298, i64 0
  %v300 = shufflevector <16 x float> %v299, <16 x float> poison, <16 x i32> zeroinitializer
  %v301 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v300, <16 x float> %v290, <16 x float> %v266)
  %v302 = getelementptr float, ptr %v291, i64 17
  %v303 = load float, ptr %v302, align 4
  %v304 = insertelement <16 x float> poison, float %v303, i64 0
  %v305 = shufflevector <16 x float> %v304, <16 x float> poison, <16 x i32> zeroinitializer
  %v306 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v305, <16 x float> %v290, <16 x float> %v271)
  %v307 = getelementptr float, ptr %v291, i64 25
  %v308 = load float, ptr %v307, align 4
  %v309 = insertelement <16 x float> poison, float %v308, i64 0
  %v310 = shufflevector <16 x float> %v309, <16 x float> poison, <16 x i32> zeroinitializer
  %v311 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v310, <16 x float> %v290, <16 x float> %v276)
  %v312 = getelementptr float, ptr %v291, i64 33
  %v313 = load float, ptr %v312, align 4
  %v314 = insertelement <16 x float> poison, float %v313, i64 0
  %v315 = shufflevector <16 x float> %v314, <16 x float> poison, <16 x i32> zeroinitializer
  %v316 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v315, <16 x float> %v290, <16 x float> %v281)
  %v317 = getelementptr float, ptr %v291, i64 41
  %v318 = load float, ptr %v317, align 4
  %v319 = insertelement <16 x float> poison, float %v318, i64 0
  %v320 = shufflevector <16 x float> %v319, <16 x float> poison, <16 x i32> zeroinitializer
  %v321 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v320, <16 x float> %v290, <16 x float> %v286)
  %v322 = mul i64 %v247, 16
  %v323 = getelementptr float, ptr %v231, i64 %v322
  %v324 = getelementptr float, ptr %v323, i64 32
  %v325 = load <16 x float>, ptr %v324, align 4
  %v326 = getelementptr float, ptr %v228, i64 %v247
  %v327 = getelementptr float, ptr %v326, i64 2
  %v328 = load float, ptr %v327, align 4
  %v329 = insertelement <16 x float> poison, float %v328, i64 0
  %v330 = shufflevector <16 x float> %v329, <16 x float> poison, <16 x i32> zeroinitializer
  %v331 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v330, <16 x float> %v325, <16 x float> %v296)
  %v332 = getelementptr float, ptr %v326, i64 10
  %v333 = load float, ptr %v332, align 4
  %v334 = insertelement <16 x float> poison, float %v333, i64 0
  %v335 = shufflevector <16 x float> %v334, <16 x float> poison, <16 x i32> zeroinitializer
  %v336 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v335, <16 x float> %v325, <16 x float> %v301)
  %v337 = getelementptr float, ptr %v326, i64 18
  %v338 = load float, ptr %v337, align 4
  %v339 = insertelement <16 x float> poison, float %v338, i64 0
  %v340 = shufflevector <16 x float> %v339, <16 x float> poison, <16 x i32> zeroinitializer
  %v341 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v340, <16 x float> %v325, <16 x float> %v306)
  %v342 = getelementptr float, ptr %v326, i64 26
  %v343 = load float, ptr %v342, align 4
  %v344 = insertelement <16 x float> poison, float %v343, i64 0
  %v345 = shufflevector <16 x float> %v344, <16 x float> poison, <16 x i32> zeroinitializer
  %v346 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v345, <16 x float> %v325, <16 x float> %v311)
  %v347 = getelementptr float, ptr %v326, i64 34
  %v348 = load float, ptr %v347, align 4
  %v349 = insertelement <16 x float> poison, float %v348, i64 0
  %v350 = shufflevector <16 x float> %v349, <16 x float> poison, <16 x i32> zeroinitializer
  %v351 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v350, <16 x float> %v325, <16 x float> %v316)
  %v352 = getelementptr float, ptr %v326, i64 42
  %v353 = load float, ptr %v352, align 4
  %v354 = insertelement <16 x float> poison, float %v353, i64 0
  %v355 = shufflevector <16 x float> %v354, <16 x float> poison, <16 x i32> zeroinitializer
  %v356 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v355, <16 x float> %v325, <16 x float> %v321)
  %v357 = mul i64 %v247, 16
  %v358 = getelementptr float, ptr %v231, i64 %v357
  %v359 = getelementptr float, ptr %v358, i64 48
  %v360 = load <16 x float>, ptr %v359, align 4
  %v361 = getelementptr float, ptr %v228, i64 %v247
  %v362 = getelementptr float, ptr %v361, i64 3
  %v363 = load float, ptr %v362, align 4
  %v364 = insertelement <16 x float> poison, float %v363, i64 0
  %v365 = shufflevector <16 x float> %v364, <16 x float> poison, <16 x i32> zeroinitializer
  %v366 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v365, <16 x float> %v360, <16 x float> %v331)
  %v367 = getelementptr float, ptr %v361, i64 11
  %v368 = load float, ptr %v367, align 4
  %v369 = insertelement <16 x float> poison, float %v368, i64 0
  %v370 = shufflevector <16 x float> %v369, <16 x float> poison, <16 x i32> zeroinitializer
  %v371 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v370, <16 x float> %v360, <16 x float> %v336)
  %v372 = getelementptr float, ptr %v361, i64 19
  %v373 = load float, ptr %v372, align 4
  %v374 = insertelement <16 x float> poison, float %v373, i64 0
  %v375 = shufflevector <16 x float> %v374, <16 x float> poison, <16 x i32> zeroinitializer
  %v376 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v375, <16 x float> %v360, <16 x float> %v341)
  %v377 = getelementptr float, ptr %v361, i64 27
  %v378 = load float, ptr %v377, align 4
  %v379 = insertelement <16 x float> poison, float %v378, i64 0
  %v380 = shufflevector <16 x float> %v379, <16 x float> poison, <16 x i32> zeroinitializer
  %v381 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v380, <16 x float> %v360, <16 x float> %v346)
  %v382 = getelementptr float, ptr %v361, i64 35
  %v383 = load float, ptr %v382, align 4
  %v384 = insertelement <16 x float> poison, float %v383, i64 0
  %v385 = shufflevector <16 x float> %v384, <16 x float> poison, <16 x i32> zeroinitializer
  %v386 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v385, <16 x float> %v360, <16 x float> %v351)
  %v387 = getelementptr float, ptr %v361, i64 43
  %v388 = load float, ptr %v387, align 4
  %v389 = insertelement <16 x float> poison, float %v388, i64 0
  %v390 = shufflevector <16 x float> %v389, <16 x float> poison, <16 x i32> zeroinitializer
  %v391 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v390, <16 x float> %v360, <16 x float> %v356)
  br label %next245
next245:
  ; #line 26
  %v392 = add nsw i64 %v247, 4
  %v393 = icmp slt i64 %v392, 8
  br i1 %v393, label %loop243, label %after246
after246:
  ; #line 26
  store <16 x float> %v366, ptr %v226, align 4
  store <16 x float> %v371, ptr %v232, align 4
  store <16 x float> %v376, ptr %v233, align 4
  store <16 x float> %v381, ptr %v234, align 4
  store <16 x float> %v386, ptr %v235, align 4
  store <16 x float> %v391, ptr %v236, align 4
  br label %next221
next221:
  ; #line 26
  %v394 = add nsw i64 %v223, 6
  %v395 = icmp slt i64 %v394, 12
  br i1 %v395, label %loop219, label %after222
after222:
  br label %next216
next216:
  ; #line 26
  %v396 = add nsw i64 %v218, 16
  %v397 = icmp slt i64 %v396, 32
  br i1 %v397, label %loop214, label %after217
after217:
  br label %next57
next57:
  ; #line 27
  %v398 = add nsw i64 %v59, 8
  br label %loop55
after58:
  ; #line 33
  %v406 = add i64 %v44, 0
  br label %loop399
loop399:
  %v403 = phi i64 [ 0, %after58 ], [ %v468, %next401 ]
  br label %body400
body400:
  ; #line 30
  %v404 = add i64 %v43, %v403
  ; #line 27
  %v405 = icmp ult i64 %v404, %v28
  %v407 = sub i64 %v32, %v406
  %v408 = icmp sge i64 %v406, 0
  %v409 = select i1 %v405, i64 32, i64 0
  %v410 = select i1 %v408, i64 %v407, i64 0
  %v411 = call i64 @llvm.smin.i64(i64 %v409, i64 %v410)
  %v412 = call i64 @llvm.smin.i64(i64 %v411, i64 32)
  %v413 = call i64 @llvm.smax.i64(i64 %v412, i64 0)
  %v414 = udiv i64 %v413, 32
  %v415 = mul i64 %v414, 32
  ; #line 34
  %v427 = mul i64 %v404, %v30
  %v428 = add i64 %v427, %v406
  %v429 = getelementptr float, ptr %v26, i64 %v428
  br label %loop416
loop416:
  %v420 = phi i64 [ 0, %body400 ], [ %v431, %next418 ]
  ; #line 27
  %v421 = icmp slt i64 %v420, %v415
  br i1 %v421, label %body417, label %after419
body417:
  ; #line 34
  %v422 = getelementptr i8, ptr %v1, i64 128
  %v423 = mul i64 %v403, 32
  %v424 = add i64 %v423, %v420
  %v425 = getelementptr float, ptr %v422, i64 %v424
  %v426 = load <32 x float>, ptr %v425, align 4
  %v430 = getelementptr float, ptr %v429, i64 %v420
  store <32 x float> %v426, ptr %v430, align 4
  br label %next418
next418:
  ; #line 34
  %v431 = add nsw i64 %v420, 32
  br label %loop416
after419:
  ; #line 34
  %v443 = icmp ult i64 %v404, %v28
  %v460 = insertelement <8 x i1> poison, i1 %v443, i64 0
  %v461 = shufflevector <8 x i1> %v460, <8 x i1> poison, <8 x i32> zeroinitializer
  %v463 = mul i64 %v404, %v30
  %v464 = add i64 %v463, %v406
  %v465 = getelementptr float, ptr %v26, i64 %v464
  br label %loop432
loop432:
  %v436 = phi i64 [ %v415, %after419 ], [ %v467, %next434 ]
  ; #line 34
  %v437 = icmp slt i64 %v436, 32
  br i1 %v437, label %body433, label %after435
body433:
  ; #line 34
  %v438 = getelementptr i8, ptr %v1, i64 128
  %v439 = mul i64 %v403, 32
  %v440 = add i64 %v439, %v436
  %v441 = getelementptr float, ptr %v438, i64 %v440
  %v442 = load <8 x float>, ptr %v441, align 4
  %v444 = add i64 %v406, %v436
  %v445 = sub i64 %v32, %v444
  %v446 = sub i64 0, %v444
  %v447 = call i64 @llvm.smin.i64(i64 %v445, i64 8)
  %v448 = call i64 @llvm.smax.i64(i64 %v447, i64 0)
  %v449 = trunc i64 %v448 to i32
  %v450 = insertelement <8 x i32> poison, i32 %v449, i64 0
  %v451 = shufflevector <8 x i32> %v450, <8 x i32> poison, <8 x i32> zeroinitializer
  %v452 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v451
  %v453 = call i64 @llvm.smin.i64(i64 %v446, i64 8)
  %v454 = call i64 @llvm.smax.i64(i64 %v453, i64 0)
  %v455 = trunc i64 %v454 to i32
  %v456 = insertelement <8 x i32> poison, i32 %v455, i64 0
  %v457 = shufflevector <8 x i32> %v456, <8 x i32> poison, <8 x i32> zeroinitializer
  %v458 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v457
  %v459 = and <8 x i1> %v452, %v458
  %v462 = and <8 x i1> %v461, %v459
  %v466 = getelementptr float, ptr %v465, i64 %v436
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v442, ptr %v466, i32 4, <8 x i1> %v462)
  br label %next434
next434:
  ; #line 34
  %v467 = add nsw i64 %v436, 8
  br label %loop432
after435:
  br label %next401
next401:
  ; #line 34
  %v468 = add nsw i64 %v403, 1
  %v469 = icmp slt i64 %v468, 12
  br i1 %v469, label %loop399, label %after402
after402:
  ; #line 35
  br label %next35
next35:
  ; #line 35
  %v470 = add nsw i64 %v37, 1
  br label %loop33
after36:
  ; #line 35
  ret i32 0
failed:
  ret i32 1
}

declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <8 x float> @llvm.masked.load.v8f32.p0(ptr, i32, <8 x i1>, <8 x float>)
declare <16 x float> @llvm.fma.v16f32(<16 x float>, <16 x float>, <16 x float>)
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32, <8 x i1>)

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
