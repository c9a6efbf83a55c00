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
  %v37 = phi i64 [ %first, %entry ], [ %v477, %next35 ]
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
  %v59 = phi i64 [ 0, %after48 ], [ %v405, %next57 ]
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
  %v214 = sub i64 %v16, %v59
  %v215 = sub i64 %v214, -3
  %v216 = sub i64 %v20, %v59
  %v217 = sub i64 %v216, -3
  %v218 = call i64 @llvm.smax.i64(i64 %v215, i64 %v217)
  %v219 = call i64 @llvm.smin.i64(i64 %v218, i64 8)
  %v220 = and i64 %v219, -4
  br label %loop221
loop221:
  %v225 = phi i64 [ 0, %after135 ], [ %v403, %next223 ]
  br label %body222
body222:
  br label %loop226
loop226:
  %v230 = phi i64 [ 0, %body222 ], [ %v401, %next228 ]
  br label %body227
body227:
  ; #line 26
  %v231 = mul i64 %v230, 32
  %v232 = getelementptr float, ptr %v213, i64 %v231
  %v233 = getelementptr float, ptr %v232, i64 %v225
  %v234 = mul i64 %v230, 8
  %v235 = getelementptr float, ptr %v211, i64 %v234
  %v236 = udiv i64 %v225, 16
  %v237 = mul i64 %v236, 128
  %v238 = getelementptr float, ptr %v212, i64 %v237
  %v239 = getelementptr float, ptr %v233, i64 32
  %v240 = getelementptr float, ptr %v233, i64 64
  %v241 = getelementptr float, ptr %v233, i64 96
  %v242 = getelementptr float, ptr %v233, i64 128
  %v243 = getelementptr float, ptr %v233, i64 160
  %v244 = load <16 x float>, ptr %v233, align 4
  %v245 = load <16 x float>, ptr %v239, align 4
  %v246 = load <16 x float>, ptr %v240, align 4
  %v247 = load <16 x float>, ptr %v241, align 4
  %v248 = load <16 x float>, ptr %v242, align 4
  %v249 = load <16 x float>, ptr %v243, align 4
  br label %loop250
loop250:
  %v254 = phi i64 [ 0, %body227 ], [ %v400, %next252 ]
  %v255 = phi <16 x float> [ %v244, %body227 ], [ %v374, %next252 ]
  %v256 = phi <16 x float> [ %v245, %body227 ], [ %v379, %next252 ]
  %v257 = phi <16 x float> [ %v246, %body227 ], [ %v384, %next252 ]
  %v258 = phi <16 x float> [ %v247, %body227 ], [ %v389, %next252 ]
  %v259 = phi <16 x float> [ %v248, %body227 ], [ %v394, %next252 ]
  %v260 = phi <16 x float> [ %v249, %body227 ], [ %v399, %next252 ]
  ; #line 26
  %v261 = icmp slt i64 %v254, %v220
  br i1 %v261, label %body251, label %after253
body251:
  ; #line 26
  %v262 = mul i64 %v254, 16
  %v263 = getelementptr float, ptr %v238, i64 %v262
  %v264 = load <16 x float>, ptr %v263, align 4
  %v265 = getelementptr float, ptr %v235, i64 %v254
  %v266 = load float, ptr %v265, align 4
  %v267 = insertelement <16 x float> poison, float %v266, i64 0
  %v268 = shufflevector <16 x float> %v267, <16 x float> poison, <16 x i32> zeroinitializer
  %v269 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v268, <16 x float> %v264, <16 x float> %v255)
  %v270 = getelementptr float, ptr %v265, i64 8
  %v271 = load float, ptr %v270, align 4
  %v272 = insertelement <16 x float> poison, float %v271, i64 0
  %v273 = shufflevector <16 x float> %v272, <16 x float> poison, <16 x i32> zeroinitializer
  %v274 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v273, <16 x float> %v264, <16 x float> %v256)
  %v275 = getelementptr float, ptr %v265, i64 16
  %v276 = load float, ptr %v275, align 4
  %v277 = insertelement <16 x float> poison, float %v276, i64 0
  %v278 = shufflevector <16 x float> %v277, <16 x float> poison, <16 x i32> zeroinitializer
  %v279 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v278, <16 x float> %v264, <16 x float> %v257)
  %v280 = getelementptr float, ptr %v265, i64 24
  %v281 = load float, ptr %v280, align 4
  %v282 = insertelement <16 x float> poison, float %v281, i64 0
  %v283 = shufflevector <16 x float> %v282, <16 x float> poison, <16 x i32> zeroinitializer
  %v284 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v283, <16 x float> %v264, <16 x float> %v258)
  %v285 = getelementptr float, ptr %v265, i64 32
  %v286 = load float, ptr %v285, align 4
  %v287 = insertelement <16 x float> poison, float %v286, i64 0
  %v288 = shufflevector <16 x float> %v287, <16 x float> poison, <16 x i32> zeroinitializer
  %v289 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v288, <16 x float> %v264, <16 x float> %v259)
  %v290 = getelementptr float, ptr %v265, i64 40
  %v291 = load float, ptr %v290, align 4
  %v292 = insertelement <16 x float> poison, float %v291, i64 0
  %v293 = shufflevector <16 x float> %v292, <16 x float> poison, <16 x i32> zeroinitializer
  %v294 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v293, <16 x float> %v264, <16 x float> %v260)
  %v295 = mul i64 %v254, 16
  %v296 = getelementptr float, ptr %v238, i64 %v295
  %v297 = getelementptr float, ptr %v296, i64 16
  %v298 = load <16 x float>, ptr %v297, align 4
  %v299 = getelementptr float, ptr %v235, i64 %v254
  %v300 = getelementptr float, ptr %v299, i64 1
  %v301 = load float, ptr %v300, align 4
  %v302 = insertelement <16 x float> poison, float %v301, i64 0
  %v303 = shufflevector <16 x float> %v302, <16 x float> poison, <16 x i32> zeroinitializer
  %v304 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v303, <16 x float> %v298, <16 x float> %v269)
  %v305 = getelementptr float, ptr %v299, i64 9
  %v306 = load float, ptr %v305, align 4
  %v307 = insertelement <16 x float> poison, float %v306, i64 0
  %v308 = shufflevector <16 x float> %v307, <16 x float> poison, <16 x i32> zeroinitializer
  %v309 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v308, <16 x float> %v298, <16 x float> %v274)
  %v310 = getelementptr float, ptr %v299, i64 17
  %v311 = load float, ptr %v310, align 4
  %v312 = insertelement <16 x float> poison, float %v311, i64 0
  %v313 = shufflevector <16 x float> %v312, <16 x float> poison, <16 x i32> zeroinitializer
  %v314 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v313, <16 x float> %v298, <16 x float> %v279)
  %v315 = getelementptr float, ptr %v299, i64 25
  %v316 = load float, ptr %v315, align 4
  %v317 = insertelement <16 x float> poison, float %v316, i64 0
  %v318 = shufflevector <16 x float> %v317, <16 x float> poison, <16 x i32> zeroinitializer
  %v319 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v318, <16 x float> %v298, <16 x float> %v284)
  %v320 = getelementptr float, ptr %v299, i64 33
  %v321 = load float, ptr %v320, align 4
  %v322 = insertelement <16 x float> poison, float %v321, i64 0
  %v323 = shufflevector <16 x float> %v322, <16 x float> poison, <16 x i32> zeroinitializer
  %v324 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v323, <16 x float> %v298, <16 x float> %v289)
  %v325 = getelementptr float, ptr %v299, i64 41
  %v326 = load float, ptr %v325, align 4
  %v327 = insertelement <16 x float> poison, float %v326, i64 0
  %v328 = shufflevector <16 x float> %v327, <16 x float> poison, <16 x i32> zeroinitializer
  %v329 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v328, <16 x float> %v298, <16 x float> %v294)
  %v330 = mul i64 %v254, 16
  %v331 = getelementptr float, ptr %v238, i64 %v330
  %v332 = getelementptr float, ptr %v331, i64 32
  %v333 = load <16 x float>, ptr %v332, align 4
  %v334 = getelementptr float, ptr %v235, i64 %v254
  %v335 = getelementptr float, ptr %v334, i64 2
  %v336 = load float, ptr %v335, align 4
  %v337 = insertelement <16 x float> poison, float %v336, i64 0
  %v338 = shufflevector <16 x float> %v337, <16 x float> poison, <16 x i32> zeroinitializer
  %v339 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v338, <16 x float> %v333, <16 x float> %v304)
  %v340 = getelementptr float, ptr %v334, i64 10
  %v341 = load float, ptr %v340, align 4
  %v342 = insertelement <16 x float> poison, float %v341, i64 0
  %v343 = shufflevector <16 x float> %v342, <16 x float> poison, <16 x i32> zeroinitializer
  %v344 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v343, <16 x float> %v333, <16 x float> %v309)
  %v345 = getelementptr float, ptr %v334, i64 18
  %v346 = load float, ptr %v345, align 4
  %v347 = insertelement <16 x float> poison, float %v346, i64 0
  %v348 = shufflevector <16 x float> %v347, <16 x float> poison, <16 x i32> zeroinitializer
  %v349 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v348, <16 x float> %v333, <16 x float> %v314)
  %v350 = getelementptr float, ptr %v334, i64 26
  %v351 = load float, ptr %v350, align 4
  %v352 = insertelement <16 x float> poison, float %v351, i64 0
  %v353 = shufflevector <16 x float> %v352, <16 x float> poison, <16 x i32> zeroinitializer
  %v354 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v353, <16 x float> %v333, <16 x float> %v319)
  %v355 = getelementptr float, ptr %v334, i64 34
  %v356 = load float, ptr %v355, align 4
  %v357 = insertelement <16 x float> poison, float %v356, i64 0
  %v358 = shufflevector <16 x float> %v357, <16 x float> poison, <16 x i32> zeroinitializer
  %v359 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v358, <16 x float> %v333, <16 x float> %v324)
  %v360 = getelementptr float, ptr %v334, i64 42
  %v361 = load float, ptr %v360, align 4
  %v362 = insertelement <16 x float> poison, float %v361, i64 0
  %v363 = shufflevector <16 x float> %v362, <16 x float> poison, <16 x i32> zeroinitializer
  %v364 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v363, <16 x float> %v333, <16 x float> %v329)
  %v365 = mul i64 %v254, 16
  %v366 = getelementptr float, ptr %v238, i64 %v365
  %v367 = getelementptr float, ptr %v366, i64 48
  %v368 = load <16 x float>, ptr %v367, align 4
  %v369 = getelementptr float, ptr %v235, i64 %v254
  %v370 = getelementptr float, ptr %v369, i64 3
  %v371 = load float, ptr %v370, align 4
  %v372 = insertelement <16 x float> poison, float %v371, i64 0
  %v373 = shufflevector <16 x float> %v372, <16 x float> poison, <16 x i32> zeroinitializer
  %v374 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v373, <16 x float> %v368, <16 x float> %v339)
  %v375 = getelementptr float, ptr %v369, i64 11
  %v376 = load float, ptr %v375, align 4
  %v377 = insertelement <16 x float> poison, float %v376, i64 0
  %v378 = shufflevector <16 x float> %v377, <16 x float> poison, <16 x i32> zeroinitializer
  %v379 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v378, <16 x float> %v368, <16 x float> %v344)
  %v380 = getelementptr float, ptr %v369, i64 19
  %v381 = load float, ptr %v380, align 4
  %v382 = insertelement <16 x float> poison, float %v381, i64 0
  %v383 = shufflevector <16 x float> %v382, <16 x float> poison, <16 x i32> zeroinitializer
  %v384 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v383, <16 x float> %v368, <16 x float> %v349)
  %v385 = getelementptr float, ptr %v369, i64 27
  %v386 = load float, ptr %v385, align 4
  %v387 = insertelement <16 x float> poison, float %v386, i64 0
  %v388 = shufflevector <16 x float> %v387, <16 x float> poison, <16 x i32> zeroinitializer
  %v389 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v388, <16 x float> %v368, <16 x float> %v354)
  %v390 = getelementptr float, ptr %v369, i64 35
  %v391 = load float, ptr %v390, align 4
  %v392 = insertelement <16 x float> poison, float %v391, i64 0
  %v393 = shufflevector <16 x float> %v392, <16 x float> poison, <16 x i32> zeroinitializer
  %v394 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v393, <16 x float> %v368, <16 x float> %v359)
  %v395 = getelementptr float, ptr %v369, i64 43
  %v396 = load float, ptr %v395, align 4
  %v397 = insertelement <16 x float> poison, float %v396, i64 0
  %v398 = shufflevector <16 x float> %v397, <16 x float> poison, <16 x i32> zeroinitializer
  %v399 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v398, <16 x float> %v368, <16 x float> %v364)
  br label %next252
next252:
  ; #line 26
  %v400 = add nsw i64 %v254, 4
  br label %loop250
after253:
  ; #line 26
  store <16 x float> %v255, ptr %v233, align 4
  store <16 x float> %v256, ptr %v239, align 4
  store <16 x float> %v257, ptr %v240, align 4
  store <16 x float> %v258, ptr %v241, align 4
  store <16 x float> %v259, ptr %v242, align 4
  store <16 x float> %v260, ptr %v243, align 4
  br label %next228
next228:
  ; #line 26
  %v401 = add nsw i64 %v230, 6
  %v402 = icmp slt i64 %v401, 12
  br i1 %v402, label %loop226, label %after229
after229:
  br label %next223
next223:
  ; #line 26
  %v403 = add nsw i64 %v225, 16
  %v404 = icmp slt i64 %v403, 32
  br i1 %v404, label %loop221, label %after224
after224:
  br label %next57
next57:
  ; #line 27
  %v405 = add nsw i64 %v59, 8
  br label %loop55
after58:
  ; #line 33
  %v413 = add i64 %v44, 0
  br label %loop406
loop406:
  %v410 = phi i64 [ 0, %after58 ], [ %v475, %next408 ]
  br label %body407
body407:
  ; #line 30
  %v411 = add i64 %v43, %v410
  ; #line 27
  %v412 = icmp ult i64 %v411, %v28
  %v414 = sub i64 %v32, %v413
  %v415 = icmp sge i64 %v413, 0
  %v416 = select i1 %v412, i64 32, i64 0
  %v417 = select i1 %v415, i64 %v414, i64 0
  %v418 = call i64 @llvm.smin.i64(i64 %v416, i64 %v417)
  %v419 = call i64 @llvm.smin.i64(i64 %v418, i64 32)
  %v420 = call i64 @llvm.smax.i64(i64 %v419, i64 0)
  %v421 = udiv i64 %v420, 32
  %v422 = mul i64 %v421, 32
  ; #line 34
  %v434 = mul i64 %v411, %v30
  %v435 = add i64 %v434, %v413
  %v436 = getelementptr float, ptr %v26, i64 %v435
  br label %loop423
loop423:
  %v427 = phi i64 [ 0, %body407 ], [ %v438, %next425 ]
  ; #line 27
  %v428 = icmp slt i64 %v427, %v422
  br i1 %v428, label %body424, label %after426
body424:
  ; #line 34
  %v429 = getelementptr i8, ptr %v1, i64 128
  %v430 = mul i64 %v410, 32
  %v431 = add i64 %v430, %v427
  %v432 = getelementptr float, ptr %v429, i64 %v431
  %v433 = load <32 x float>, ptr %v432, align 4
  %v437 = getelementptr float, ptr %v436, i64 %v427
  store <32 x float> %v433, ptr %v437, align 4
  br label %next425
next425:
  ; #line 34
  %v438 = add nsw i64 %v427, 32
  br label %loop423
after426:
  ; #line 34
  %v450 = icmp ult i64 %v411, %v28
  %v467 = insertelement <8 x i1> poison, i1 %v450, i64 0
  %v468 = shufflevector <8 x i1> %v467, <8 x i1> poison, <8 x i32> zeroinitializer
  %v470 = mul i64 %v411, %v30
  %v471 = add i64 %v470, %v413
  %v472 = getelementptr float, ptr %v26, i64 %v471
  br label %loop439
loop439:
  %v443 = phi i64 [ %v422, %after426 ], [ %v474, %next441 ]
  ; #line 34
  %v444 = icmp slt i64 %v443, 32
  br i1 %v444, label %body440, label %after442
body440:
  ; #line 34
  %v445 = getelementptr i8, ptr %v1, i64 128
  %v446 = mul i64 %v410, 32
  %v447 = add i64 %v446, %v443
  %v448 = getelementptr float, ptr %v445, i64 %v447
  %v449 = load <8 x float>, ptr %v448, align 4
  %v451 = add i64 %v413, %v443
  %v452 = sub i64 %v32, %v451
  %v453 = sub i64 0, %v451
  %v454 = call i64 @llvm.smin.i64(i64 %v452, i64 8)
  %v455 = call i64 @llvm.smax.i64(i64 %v454, i64 0)
  %v456 = trunc i64 %v455 to i32
  %v457 = insertelement <8 x i32> poison, i32 %v456, i64 0
  %v458 = shufflevector <8 x i32> %v457, <8 x i32> poison, <8 x i32> zeroinitializer
  %v459 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v458
  %v460 = call i64 @llvm.smin.i64(i64 %v453, i64 8)
  %v461 = call i64 @llvm.smax.i64(i64 %v460, i64 0)
  %v462 = trunc i64 %v461 to i32
  %v463 = insertelement <8 x i32> poison, i32 %v462, i64 0
  %v464 = shufflevector <8 x i32> %v463, <8 x i32> poison, <8 x i32> zeroinitializer
  %v465 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v464
  %v466 = and <8 x i1> %v459, %v465
  %v469 = and <8 x i1> %v468, %v466
  %v473 = getelementptr float, ptr %v472, i64 %v443
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v449, ptr %v473, i32 4, <8 x i1> %v469)
  br label %next441
next441:
  ; #line 34
  %v474 = add nsw i64 %v443, 8
  br label %loop439
after442:
  br label %next408
next408:
  ; #line 34
  %v475 = add nsw i64 %v410, 1
  %v476 = icmp slt i64 %v475, 12
  br i1 %v476, label %loop406, label %after409
after409:
  ; #line 35
  br label %next35
next35:
  ; #line 35
  %v477 = add nsw i64 %v37, 1
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
