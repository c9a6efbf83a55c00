target triple = "x86_64-unknown-linux-gnu"

define i32 @tilewright_entry(ptr noalias %services, ptr noalias readonly %arguments, i64 %first, i64 %last) #0 {
entry:
  %v1 = load ptr, ptr %services, align 8, !invariant.load !{}
  %v2 = getelementptr i8, ptr %v1, i64 66624
  %v3 = getelementptr i8, ptr %services, i64 32
  %v4 = load i64, ptr %v3, align 8, !invariant.load !{}
  %v5 = icmp ne i64 %v4, 0
  br i1 %v5, label %then7, label %else9
then7:
  %v8 = getelementptr i8, ptr %v2, i64 -66616
  store i64 0, ptr %v8, align 8
  br label %join6
else9:
  br label %join6
join6:
  %v10 = getelementptr i8, ptr %v2, i64 64
  store <8 x i64> zeroinitializer, ptr %v10, align 64
  %v11 = getelementptr i8, ptr %arguments, i64 0
  %v12 = load i64, ptr %v11, align 8, !invariant.load !{}
  %v13 = getelementptr i8, ptr %arguments, i64 8
  %v14 = load i64, ptr %v13, align 8, !invariant.load !{}
  %v15 = getelementptr i8, ptr %arguments, i64 16
  %v16 = load i64, ptr %v15, align 8, !invariant.load !{}
  %v17 = getelementptr i8, ptr %arguments, i64 24
  %v18 = load ptr, ptr %v17, align 8, !invariant.load !{}
  %v19 = getelementptr i8, ptr %arguments, i64 32
  %v20 = load i64, ptr %v19, align 8, !invariant.load !{}
  %v21 = getelementptr i8, ptr %arguments, i64 48
  %v22 = load i64, ptr %v21, align 8, !invariant.load !{}
  %v23 = getelementptr i8, ptr %arguments, i64 40
  %v24 = load i64, ptr %v23, align 8, !invariant.load !{}
  %v25 = getelementptr i8, ptr %arguments, i64 64
  %v26 = load ptr, ptr %v25, align 8, !invariant.load !{}
  %v27 = getelementptr i8, ptr %arguments, i64 72
  %v28 = load i64, ptr %v27, align 8, !invariant.load !{}
  %v29 = getelementptr i8, ptr %arguments, i64 88
  %v30 = load i64, ptr %v29, align 8, !invariant.load !{}
  %v31 = getelementptr i8, ptr %arguments, i64 80
  %v32 = load i64, ptr %v31, align 8, !invariant.load !{}
  %v33 = getelementptr i8, ptr %arguments, i64 104
  %v34 = load ptr, ptr %v33, align 8, !invariant.load !{}
  %v35 = getelementptr i8, ptr %arguments, i64 112
  %v36 = load i64, ptr %v35, align 8, !invariant.load !{}
  %v37 = getelementptr i8, ptr %arguments, i64 128
  %v38 = load i64, ptr %v37, align 8, !invariant.load !{}
  %v39 = getelementptr i8, ptr %arguments, i64 120
  %v40 = load i64, ptr %v39, align 8, !invariant.load !{}
  br label %loop41
loop41:
  %v45 = phi i64 [ %first, %join6 ], [ %v550, %next43 ]
  %v46 = icmp slt i64 %v45, %last
  br i1 %v46, label %body42, label %after44
body42:
  %v47 = getelementptr i8, ptr %v2, i64 -66624
  store i64 0, ptr %v47, align 8
  %v48 = udiv i64 %v45, %v12
  %v49 = urem i64 %v45, %v12
  %v50 = urem i64 %v48, %v14
  %v51 = udiv i64 %v48, %v14
  ; #line 2
  %v52 = mul i64 %v49, 12
  ; #line 5
  %v53 = mul i64 %v50, 32
  br label %loop54
loop54:
  %v58 = phi i64 [ 0, %body42 ], [ %v62, %next56 ]
  br label %body55
body55:
  ; #line 6
  %v59 = getelementptr i8, ptr %v2, i64 128
  %v60 = mul i64 %v58, 32
  %v61 = getelementptr float, ptr %v59, i64 %v60
  store <32 x float> splat (float 0x0000000000000000), ptr %v61, align 4
  br label %next56
next56:
  ; #line 6
  %v62 = add nsw i64 %v58, 1
  %v63 = icmp slt i64 %v62, 12
  br i1 %v63, label %loop54, label %after57
after57:
  br label %loop64
loop64:
  %v68 = phi i64 [ 0, %after57 ], [ %v447, %next66 ]
  ; #line 10
  %v69 = icmp slt i64 %v68, %v24
  br i1 %v69, label %body65, label %after67
body65:
  ; #line 16
  %v77 = add i64 %v68, 0
  ; #line 10
  %v78 = sub i64 %v24, %v77
  %v79 = icmp sge i64 %v77, 0
  %v80 = select i1 %v79, i64 %v78, i64 0
  br label %loop70
loop70:
  %v74 = phi i64 [ 0, %body65 ], [ %v139, %next72 ]
  br label %body71
body71:
  ; #line 13
  %v75 = add i64 %v52, %v74
  ; #line 10
  %v76 = icmp ult i64 %v75, %v20
  %v81 = select i1 %v76, i64 8, i64 0
  %v82 = call i64 @llvm.smin.i64(i64 %v80, i64 %v81)
  %v83 = call i64 @llvm.smin.i64(i64 %v82, i64 8)
  %v84 = call i64 @llvm.smax.i64(i64 %v83, i64 0)
  %v85 = udiv i64 %v84, 8
  %v86 = mul i64 %v85, 8
  ; #line 17
  %v93 = mul i64 %v75, %v22
  %v94 = add i64 %v93, %v77
  %v95 = getelementptr float, ptr %v18, i64 %v94
  br label %loop87
loop87:
  %v91 = phi i64 [ 0, %body71 ], [ %v102, %next89 ]
  ; #line 10
  %v92 = icmp slt i64 %v91, %v86
  br i1 %v92, label %body88, label %after90
body88:
  ; #line 17
  %v96 = getelementptr float, ptr %v95, i64 %v91
  %v97 = load <8 x float>, ptr %v96, align 4
  %v98 = getelementptr i8, ptr %v2, i64 1664
  %v99 = mul i64 %v74, 8
  %v100 = add i64 %v99, %v91
  %v101 = getelementptr float, ptr %v98, i64 %v100
  store <8 x float> %v97, ptr %v101, align 4
  br label %next89
next89:
  ; #line 17
  %v102 = add nsw i64 %v91, 8
  br label %loop87
after90:
  ; #line 17
  %v109 = icmp ult i64 %v75, %v20
  %v126 = insertelement <8 x i1> poison, i1 %v109, i64 0
  %v127 = shufflevector <8 x i1> %v126, <8 x i1> poison, <8 x i32> zeroinitializer
  %v129 = mul i64 %v75, %v22
  %v130 = add i64 %v129, %v77
  %v131 = getelementptr float, ptr %v18, i64 %v130
  br label %loop103
loop103:
  %v107 = phi i64 [ %v86, %after90 ], [ %v138, %next105 ]
  ; #line 17
  %v108 = icmp slt i64 %v107, 8
  br i1 %v108, label %body104, label %after106
body104:
  ; #line 17
  %v110 = add i64 %v77, %v107
  %v111 = sub i64 %v24, %v110
  %v112 = sub i64 0, %v110
  %v113 = call i64 @llvm.smin.i64(i64 %v111, i64 8)
  %v114 = call i64 @llvm.smax.i64(i64 %v113, i64 0)
  %v115 = trunc i64 %v114 to i32
  %v116 = insertelement <8 x i32> poison, i32 %v115, i64 0
  %v117 = shufflevector <8 x i32> %v116, <8 x i32> poison, <8 x i32> zeroinitializer
  %v118 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v117
  %v119 = call i64 @llvm.smin.i64(i64 %v112, i64 8)
  %v120 = call i64 @llvm.smax.i64(i64 %v119, i64 0)
  %v121 = trunc i64 %v120 to i32
  %v122 = insertelement <8 x i32> poison, i32 %v121, i64 0
  %v123 = shufflevector <8 x i32> %v122, <8 x i32> poison, <8 x i32> zeroinitializer
  %v124 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v123
  %v125 = and <8 x i1> %v118, %v124
  %v128 = and <8 x i1> %v127, %v125
  %v132 = getelementptr float, ptr %v131, i64 %v107
  %v133 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v132, i32 4, <8 x i1> %v128, <8 x float> zeroinitializer)
  %v134 = getelementptr i8, ptr %v2, i64 1664
  %v135 = mul i64 %v74, 8
  %v136 = add i64 %v135, %v107
  %v137 = getelementptr float, ptr %v134, i64 %v136
  store <8 x float> %v133, ptr %v137, align 4
  br label %next105
next105:
  ; #line 17
  %v138 = add nsw i64 %v107, 8
  br label %loop103
after106:
  br label %next72
next72:
  ; #line 17
  %v139 = add nsw i64 %v74, 1
  %v140 = icmp slt i64 %v139, 12
  br i1 %v140, label %loop70, label %after73
after73:
  ; #line 26
  %v141 = getelementptr i8, ptr %v2, i64 -66624
  %v142 = getelementptr i8, ptr %v2, i64 -66616
  %v143 = load i64, ptr %v141, align 8
  %v144 = add i64 %v143, 1
  store i64 %v144, ptr %v141, align 8
  %v145 = call i64 @llvm.umin.i64(i64 %v143, i64 63)
  %v146 = mul i64 %v145, 1024
  %v147 = getelementptr i8, ptr %v2, i64 -65536
  %v148 = getelementptr i8, ptr %v147, i64 %v146
  %v149 = mul i64 %v145, 16
  %v150 = getelementptr i8, ptr %v2, i64 -66608
  %v151 = getelementptr i8, ptr %v150, i64 %v149
  %v152 = getelementptr i8, ptr %v151, i64 0
  %v153 = getelementptr i8, ptr %v151, i64 8
  %v154 = load i64, ptr %v142, align 8
  %v155 = icmp ult i64 %v145, %v154
  %v156 = load i64, ptr %v152, align 8
  %v157 = icmp eq i64 %v68, %v156
  %v158 = and i1 %v155, %v157
  %v159 = load i64, ptr %v153, align 8
  %v160 = icmp eq i64 %v53, %v159
  %v161 = and i1 %v158, %v160
  br i1 %v161, label %then163, label %else164
then163:
  br label %join162
else164:
  ; #line 23
  %v172 = add i64 %v53, 0
  ; #line 26
  %v173 = sub i64 %v32, %v172
  %v174 = icmp sge i64 %v172, 0
  %v175 = select i1 %v174, i64 %v173, i64 0
  br label %loop165
loop165:
  %v169 = phi i64 [ 0, %else164 ], [ %v240, %next167 ]
  br label %body166
body166:
  ; #line 20
  %v170 = add i64 %v68, %v169
  ; #line 26
  %v171 = icmp ult i64 %v170, %v28
  %v176 = select i1 %v171, i64 32, i64 0
  %v177 = call i64 @llvm.smin.i64(i64 %v175, i64 %v176)
  %v178 = call i64 @llvm.smin.i64(i64 %v177, i64 32)
  %v179 = call i64 @llvm.smax.i64(i64 %v178, i64 0)
  %v180 = udiv i64 %v179, 16
  %v181 = mul i64 %v180, 16
  ; #line 24
  %v188 = mul i64 %v170, %v30
  %v189 = add i64 %v188, %v172
  %v190 = getelementptr float, ptr %v26, i64 %v189
  br label %loop182
loop182:
  %v186 = phi i64 [ 0, %body166 ], [ %v200, %next184 ]
  ; #line 26
  %v187 = icmp slt i64 %v186, %v181
  br i1 %v187, label %body183, label %after185
body183:
  ; #line 24
  %v191 = getelementptr float, ptr %v190, i64 %v186
  %v192 = load <16 x float>, ptr %v191, align 4
  %v193 = udiv i64 %v186, 16
  %v194 = urem i64 %v186, 16
  %v195 = mul i64 %v169, 16
  %v196 = mul i64 %v193, 128
  %v197 = add i64 %v195, %v196
  %v198 = add i64 %v197, %v194
  %v199 = getelementptr float, ptr %v148, i64 %v198
  store <16 x float> %v192, ptr %v199, align 4
  br label %next184
next184:
  ; #line 24
  %v200 = add nsw i64 %v186, 16
  br label %loop182
after185:
  ; #line 24
  %v207 = icmp ult i64 %v170, %v28
  %v224 = insertelement <8 x i1> poison, i1 %v207, i64 0
  %v225 = shufflevector <8 x i1> %v224, <8 x i1> poison, <8 x i32> zeroinitializer
  %v227 = mul i64 %v170, %v30
  %v228 = add i64 %v227, %v172
  %v229 = getelementptr float, ptr %v26, i64 %v228
  br label %loop201
loop201:
  %v205 = phi i64 [ %v181, %after185 ], [ %v239, %next203 ]
  ; #line 24
  %v206 = icmp slt i64 %v205, 32
  br i1 %v206, label %body202, label %after204
body202:
  ; #line 24
  %v208 = add i64 %v172, %v205
  %v209 = sub i64 %v32, %v208
  %v210 = sub i64 0, %v208
  %v211 = call i64 @llvm.smin.i64(i64 %v209, i64 8)
  %v212 = call i64 @llvm.smax.i64(i64 %v211, i64 0)
  %v213 = trunc i64 %v212 to i32
  %v214 = insertelement <8 x i32> poison, i32 %v213, i64 0
  %v215 = shufflevector <8 x i32> %v214, <8 x i32> poison, <8 x i32> zeroinitializer
  %v216 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v215
  %v217 = call i64 @llvm.smin.i64(i64 %v210, i64 8)
  %v218 = call i64 @llvm.smax.i64(i64 %v217, i64 0)
  %v219 = trunc i64 %v218 to i32
  %v220 = insertelement <8 x i32> poison, i32 %v219, i64 0
  %v221 = shufflevector <8 x i32> %v220, <8 x i32> poison, <8 x i32> zeroinitializer
  %v222 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v221
  %v223 = and <8 x i1> %v216, %v222
  %v226 = and <8 x i1> %v225, %v223
  %v230 = getelementptr float, ptr %v229, i64 %v205
  %v231 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v230, i32 4, <8 x i1> %v226, <8 x float> zeroinitializer)
  %v232 = udiv i64 %v205, 16
  %v233 = urem i64 %v205, 16
  %v234 = mul i64 %v169, 16
  %v235 = mul i64 %v232, 128
  %v236 = add i64 %v234, %v235
  %v237 = add i64 %v236, %v233
  %v238 = getelementptr float, ptr %v148, i64 %v237
  store <8 x float> %v231, ptr %v238, align 4
  br label %next203
next203:
  ; #line 24
  %v239 = add nsw i64 %v205, 8
  br label %loop201
after204:
  br label %next167
next167:
  ; #line 24
  %v240 = add nsw i64 %v169, 1
  %v241 = icmp slt i64 %v240, 8
  br i1 %v241, label %loop165, label %after168
after168:
  ; #line 24
  store i64 %v68, ptr %v152, align 8
  store i64 %v53, ptr %v153, align 8
  %v242 = add i64 %v145, 1
  %v243 = load i64, ptr %v142, align 8
  %v244 = call i64 @llvm.umax.i64(i64 %v243, i64 %v242)
  store i64 %v244, ptr %v142, align 8
  br label %join162
join162:
  ; #line 26
  %v245 = getelementptr i8, ptr %v2, i64 1664
  %v246 = getelementptr i8, ptr %v2, i64 128
  %v247 = sub i64 %v24, %v68
  %v248 = sub i64 %v247, -3
  %v249 = sub i64 %v28, %v68
  %v250 = sub i64 %v249, -3
  %v251 = call i64 @llvm.smax.i64(i64 %v248, i64 %v250)
  %v252 = call i64 @llvm.smin.i64(i64 %v251, i64 8)
  %v253 = and i64 %v252, -4
  br label %loop254
loop254:
  %v258 = phi i64 [ 0, %join162 ], [ %v445, %next256 ]
  br label %body255
body255:
  br label %loop259
loop259:
  %v263 = phi i64 [ 0, %body255 ], [ %v443, %next261 ]
  br label %body260
body260:
  ; #line 26
  %v264 = mul i64 %v263, 32
  %v265 = getelementptr float, ptr %v246, i64 %v264
  %v266 = getelementptr float, ptr %v265, i64 %v258
  %v267 = getelementptr float, ptr %v266, i64 32
  %v268 = getelementptr float, ptr %v266, i64 64
  %v269 = getelementptr float, ptr %v266, i64 96
  %v270 = getelementptr float, ptr %v266, i64 128
  %v271 = getelementptr float, ptr %v266, i64 160
  %v272 = load <16 x float>, ptr %v266, align 4
  %v273 = load <16 x float>, ptr %v267, align 4
  %v274 = load <16 x float>, ptr %v268, align 4
  %v275 = load <16 x float>, ptr %v269, align 4
  %v276 = load <16 x float>, ptr %v270, align 4
  %v277 = load <16 x float>, ptr %v271, align 4
  %v278 = mul i64 %v263, 8
  %v279 = getelementptr float, ptr %v245, i64 %v278
  %v280 = udiv i64 %v258, 16
  %v281 = mul i64 %v280, 128
  %v282 = getelementptr float, ptr %v148, i64 %v281
  %v283 = mul i64 %v263, 64
  %v284 = getelementptr float, ptr %v282, i64 128
  %v285 = getelementptr i8, ptr %v284, i64 %v283
  %v286 = getelementptr i8, ptr %v285, i64 0
  call void @llvm.prefetch.p0(ptr %v286, i32 0, i32 3, i32 1)
  %v287 = getelementptr i8, ptr %v285, i64 64
  call void @llvm.prefetch.p0(ptr %v287, i32 0, i32 3, i32 1)
  %v288 = getelementptr i8, ptr %v285, i64 128
  call void @llvm.prefetch.p0(ptr %v288, i32 0, i32 3, i32 1)
  %v289 = getelementptr i8, ptr %v285, i64 192
  call void @llvm.prefetch.p0(ptr %v289, i32 0, i32 3, i32 1)
  %v290 = getelementptr i8, ptr %v285, i64 256
  call void @llvm.prefetch.p0(ptr %v290, i32 0, i32 3, i32 1)
  %v291 = getelementptr i8, ptr %v285, i64 320
  call void @llvm.prefetch.p0(ptr %v291, i32 0, i32 3, i32 1)
  br label %loop292
loop292:
  %v296 = phi i64 [ 0, %body260 ], [ %v442, %next294 ]
  %v297 = phi <16 x float> [ %v272, %body260 ], [ %v416, %next294 ]
  %v298 = phi <16 x float> [ %v273, %body260 ], [ %v421, %next294 ]
  %v299 = phi <16 x float> [ %v274, %body260 ], [ %v426, %next294 ]
  %v300 = phi <16 x float> [ %v275, %body260 ], [ %v431, %next294 ]
  %v301 = phi <16 x float> [ %v276, %body260 ], [ %v436, %next294 ]
  %v302 = phi <16 x float> [ %v277, %body260 ], [ %v441, %next294 ]
  ; #line 26
  %v303 = icmp slt i64 %v296, %v253
  br i1 %v303, label %body293, label %after295
body293:
  ; #line 26
  %v304 = mul i64 %v296, 16
  %v305 = getelementptr float, ptr %v282, i64 %v304
  %v306 = load <16 x float>, ptr %v305, align 4
  %v307 = getelementptr float, ptr %v279, i64 %v296
  %v308 = load float, ptr %v307, align 4
  %v309 = insertelement <16 x float> poison, float %v308, i64 0
  %v310 = shufflevector <16 x float> %v309, <16 x float> poison, <16 x i32> zeroinitializer
  %v311 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v310, <16 x float> %v306, <16 x float> %v297)
  %v312 = getelementptr float, ptr %v307, i64 8
  %v313 = load float, ptr %v312, align 4
  %v314 = insertelement <16 x float> poison, float %v313, i64 0
  %v315 = shufflevector <16 x float> %v314, <16 x float> poison, <16 x i32> zeroinitializer
  %v316 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v315, <16 x float> %v306, <16 x float> %v298)
  %v317 = getelementptr float, ptr %v307, i64 16
  %v318 = load float, ptr %v317, align 4
  %v319 = insertelement <16 x float> poison, float %v318, i64 0
  %v320 = shufflevector <16 x float> %v319, <16 x float> poison, <16 x i32> zeroinitializer
  %v321 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v320, <16 x float> %v306, <16 x float> %v299)
  %v322 = getelementptr float, ptr %v307, i64 24
  %v323 = load float, ptr %v322, align 4
  %v324 = insertelement <16 x float> poison, float %v323, i64 0
  %v325 = shufflevector <16 x float> %v324, <16 x float> poison, <16 x i32> zeroinitializer
  %v326 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v325, <16 x float> %v306, <16 x float> %v300)
  %v327 = getelementptr float, ptr %v307, i64 32
  %v328 = load float, ptr %v327, align 4
  %v329 = insertelement <16 x float> poison, float %v328, i64 0
  %v330 = shufflevector <16 x float> %v329, <16 x float> poison, <16 x i32> zeroinitializer
  %v331 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v330, <16 x float> %v306, <16 x float> %v301)
  %v332 = getelementptr float, ptr %v307, i64 40
  %v333 = load float, ptr %v332, align 4
  %v334 = insertelement <16 x float> poison, float %v333, i64 0
  %v335 = shufflevector <16 x float> %v334, <16 x float> poison, <16 x i32> zeroinitializer
  %v336 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v335, <16 x float> %v306, <16 x float> %v302)
  %v337 = mul i64 %v296, 16
  %v338 = getelementptr float, ptr %v282, i64 %v337
  %v339 = getelementptr float, ptr %v338, i64 16
  %v340 = load <16 x float>, ptr %v339, align 4
  %v341 = getelementptr float, ptr %v279, i64 %v296
  %v342 = getelementptr float, ptr %v341, i64 1
  %v343 = load float, ptr %v342, align 4
  %v344 = insertelement <16 x float> poison, float %v343, i64 0
  %v345 = shufflevector <16 x float> %v344, <16 x float> poison, <16 x i32> zeroinitializer
  %v346 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v345, <16 x float> %v340, <16 x float> %v311)
  %v347 = getelementptr float, ptr %v341, i64 9
  %v348 = load float, ptr %v347, align 4
  %v349 = insertelement <16 x float> poison, float %v348, i64 0
  %v350 = shufflevector <16 x float> %v349, <16 x float> poison, <16 x i32> zeroinitializer
  %v351 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v350, <16 x float> %v340, <16 x float> %v316)
  %v352 = getelementptr float, ptr %v341, i64 17
  %v353 = load float, ptr %v352, align 4
  %v354 = insertelement <16 x float> poison, float %v353, i64 0
  %v355 = shufflevector <16 x float> %v354, <16 x float> poison, <16 x i32> zeroinitializer
  %v356 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v355, <16 x float> %v340, <16 x float> %v321)
  %v357 = getelementptr float, ptr %v341, i64 25
  %v358 = load float, ptr %v357, align 4
  %v359 = insertelement <16 x float> poison, float %v358, i64 0
  %v360 = shufflevector <16 x float> %v359, <16 x float> poison, <16 x i32> zeroinitializer
  %v361 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v360, <16 x float> %v340, <16 x float> %v326)
  %v362 = getelementptr float, ptr %v341, i64 33
  %v363 = load float, ptr %v362, align 4
  %v364 = insertelement <16 x float> poison, float %v363, i64 0
  %v365 = shufflevector <16 x float> %v364, <16 x float> poison, <16 x i32> zeroinitializer
  %v366 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v365, <16 x float> %v340, <16 x float> %v331)
  %v367 = getelementptr float, ptr %v341, i64 41
  %v368 = load float, ptr %v367, align 4
  %v369 = insertelement <16 x float> poison, float %v368, i64 0
  %v370 = shufflevector <16 x float> %v369, <16 x float> poison, <16 x i32> zeroinitializer
  %v371 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v370, <16 x float> %v340, <16 x float> %v336)
  %v372 = mul i64 %v296, 16
  %v373 = getelementptr float, ptr %v282, i64 %v372
  %v374 = getelementptr float, ptr %v373, i64 32
  %v375 = load <16 x float>, ptr %v374, align 4
  %v376 = getelementptr float, ptr %v279, i64 %v296
  %v377 = getelementptr float, ptr %v376, i64 2
  %v378 = load float, ptr %v377, align 4
  %v379 = insertelement <16 x float> poison, float %v378, i64 0
  %v380 = shufflevector <16 x float> %v379, <16 x float> poison, <16 x i32> zeroinitializer
  %v381 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v380, <16 x float> %v375, <16 x float> %v346)
  %v382 = getelementptr float, ptr %v376, i64 10
  %v383 = load float, ptr %v382, align 4
  %v384 = insertelement <16 x float> poison, float %v383, i64 0
  %v385 = shufflevector <16 x float> %v384, <16 x float> poison, <16 x i32> zeroinitializer
  %v386 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v385, <16 x float> %v375, <16 x float> %v351)
  %v387 = getelementptr float, ptr %v376, i64 18
  %v388 = load float, ptr %v387, align 4
  %v389 = insertelement <16 x float> poison, float %v388, i64 0
  %v390 = shufflevector <16 x float> %v389, <16 x float> poison, <16 x i32> zeroinitializer
  %v391 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v390, <16 x float> %v375, <16 x float> %v356)
  %v392 = getelementptr float, ptr %v376, i64 26
  %v393 = load float, ptr %v392, align 4
  %v394 = insertelement <16 x float> poison, float %v393, i64 0
  %v395 = shufflevector <16 x float> %v394, <16 x float> poison, <16 x i32> zeroinitializer
  %v396 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v395, <16 x float> %v375, <16 x float> %v361)
  %v397 = getelementptr float, ptr %v376, i64 34
  %v398 = load float, ptr %v397, align 4
  %v399 = insertelement <16 x float> poison, float %v398, i64 0
  %v400 = shufflevector <16 x float> %v399, <16 x float> poison, <16 x i32> zeroinitializer
  %v401 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v400, <16 x float> %v375, <16 x float> %v366)
  %v402 = getelementptr float, ptr %v376, i64 42
  %v403 = load float, ptr %v402, align 4
  %v404 = insertelement <16 x float> poison, float %v403, i64 0
  %v405 = shufflevector <16 x float> %v404, <16 x float> poison, <16 x i32> zeroinitializer
  %v406 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v405, <16 x float> %v375, <16 x float> %v371)
  %v407 = mul i64 %v296, 16
  %v408 = getelementptr float, ptr %v282, i64 %v407
  %v409 = getelementptr float, ptr %v408, i64 48
  %v410 = load <16 x float>, ptr %v409, align 4
  %v411 = getelementptr float, ptr %v279, i64 %v296
  %v412 = getelementptr float, ptr %v411, i64 3
  %v413 = load float, ptr %v412, align 4
  %v414 = insertelement <16 x float> poison, float %v413, i64 0
  %v415 = shufflevector <16 x float> %v414, <16 x float> poison, <16 x i32> zeroinitializer
  %v416 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v415, <16 x float> %v410, <16 x float> %v381)
  %v417 = getelementptr float, ptr %v411, i64 11
  %v418 = load float, ptr %v417, align 4
  %v419 = insertelement <16 x float> poison, float %v418, i64 0
  %v420 = shufflevector <16 x float> %v419, <16 x float> poison, <16 x i32> zeroinitializer
  %v421 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v420, <16 x float> %v410, <16 x float> %v386)
  %v422 = getelementptr float, ptr %v411, i64 19
  %v423 = load float, ptr %v422, align 4
  %v424 = insertelement <16 x float> poison, float %v423, i64 0
  %v425 = shufflevector <16 x float> %v424, <16 x float> poison, <16 x i32> zeroinitializer
  %v426 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v425, <16 x float> %v410, <16 x float> %v391)
  %v427 = getelementptr float, ptr %v411, i64 27
  %v428 = load float, ptr %v427, align 4
  %v429 = insertelement <16 x float> poison, float %v428, i64 0
  %v430 = shufflevector <16 x float> %v429, <16 x float> poison, <16 x i32> zeroinitializer
  %v431 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v430, <16 x float> %v410, <16 x float> %v396)
  %v432 = getelementptr float, ptr %v411, i64 35
  %v433 = load float, ptr %v432, align 4
  %v434 = insertelement <16 x float> poison, float %v433, i64 0
  %v435 = shufflevector <16 x float> %v434, <16 x float> poison, <16 x i32> zeroinitializer
  %v436 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v435, <16 x float> %v410, <16 x float> %v401)
  %v437 = getelementptr float, ptr %v411, i64 43
  %v438 = load float, ptr %v437, align 4
  %v439 = insertelement <16 x float> poison, float %v438, i64 0
  %v440 = shufflevector <16 x float> %v439, <16 x float> poison, <16 x i32> zeroinitializer
  %v441 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v440, <16 x float> %v410, <16 x float> %v406)
  br label %next294
next294:
  ; #line 26
  %v442 = add nsw i64 %v296, 4
  br label %loop292
after295:
  ; #line 26
  store <16 x float> %v297, ptr %v266, align 4
  store <16 x float> %v298, ptr %v267, align 4
  store <16 x float> %v299, ptr %v268, align 4
  store <16 x float> %v300, ptr %v269, align 4
  store <16 x float> %v301, ptr %v270, align 4
  store <16 x float> %v302, ptr %v271, align 4
  br label %next261
next261:
  ; #line 26
  %v443 = add nsw i64 %v263, 6
  %v444 = icmp slt i64 %v443, 12
  br i1 %v444, label %loop259, label %after262
after262:
  br label %next256
next256:
  ; #line 26
  %v445 = add nsw i64 %v258, 16
  %v446 = icmp slt i64 %v445, 32
  br i1 %v446, label %loop254, label %after257
after257:
  br label %next66
next66:
  ; #line 27
  %v447 = add nsw i64 %v68, 8
  br label %loop64
after67:
  ; #line 30
  %v448 = add i64 %v52, 0
  ; #line 27
  %v449 = add i64 %v448, 11
  %v450 = icmp ult i64 %v448, %v36
  %v451 = icmp slt i64 %v449, %v36
  %v452 = and i1 %v450, %v451
  ; #line 33
  %v453 = add i64 %v53, 0
  ; #line 27
  %v454 = sub i64 %v40, %v453
  %v455 = icmp sge i64 %v453, 0
  %v456 = select i1 %v452, i64 32, i64 0
  %v457 = select i1 %v455, i64 %v454, i64 0
  %v458 = call i64 @llvm.smin.i64(i64 %v456, i64 %v457)
  %v459 = call i64 @llvm.smin.i64(i64 %v458, i64 32)
  %v460 = call i64 @llvm.smax.i64(i64 %v459, i64 0)
  %v461 = icmp eq i64 %v460, 32
  ; #line 34
  %v487 = sub i64 %v40, %v453
  %v488 = icmp sge i64 %v453, 0
  %v489 = select i1 %v488, i64 %v487, i64 0
  br i1 %v461, label %then463, label %else479
then463:
  br label %loop464
loop464:
  %v468 = phi i64 [ 0, %then463 ], [ %v477, %next466 ]
  br label %body465
body465:
  ; #line 30
  %v473 = add i64 %v52, %v468
  ; #line 34
  %v474 = mul i64 %v473, %v38
  %v475 = add i64 %v474, %v453
  %v476 = getelementptr float, ptr %v34, i64 %v475
  ; #line 34
  %v469 = getelementptr i8, ptr %v2, i64 128
  %v470 = mul i64 %v468, 32
  %v471 = getelementptr float, ptr %v469, i64 %v470
  %v472 = load <32 x float>, ptr %v471, align 4
  store <32 x float> %v472, ptr %v476, align 4
  br label %next466
next466:
  ; #line 34
  %v477 = add nsw i64 %v468, 1
  %v478 = icmp slt i64 %v477, 12
  br i1 %v478, label %loop464, label %after467
after467:
  br label %join462
else479:
  br label %loop480
loop480:
  %v484 = phi i64 [ 0, %else479 ], [ %v548, %next482 ]
  br label %body481
body481:
  ; #line 30
  %v485 = add i64 %v52, %v484
  ; #line 34
  %v486 = icmp ult i64 %v485, %v36
  %v490 = select i1 %v486, i64 32, i64 0
  %v491 = call i64 @llvm.smin.i64(i64 %v489, i64 %v490)
  %v492 = call i64 @llvm.smin.i64(i64 %v491, i64 32)
  %v493 = call i64 @llvm.smax.i64(i64 %v492, i64 0)
  %v494 = udiv i64 %v493, 32
  %v495 = mul i64 %v494, 32
  %v507 = mul i64 %v485, %v38
  %v508 = add i64 %v507, %v453
  %v509 = getelementptr float, ptr %v34, i64 %v508
  br label %loop496
loop496:
  %v500 = phi i64 [ 0, %body481 ], [ %v511, %next498 ]
  ; #line 34
  %v501 = icmp slt i64 %v500, %v495
  br i1 %v501, label %body497, label %after499
body497:
  ; #line 34
  %v502 = getelementptr i8, ptr %v2, i64 128
  %v503 = mul i64 %v484, 32
  %v504 = add i64 %v503, %v500
  %v505 = getelementptr float, ptr %v502, i64 %v504
  %v506 = load <32 x float>, ptr %v505, align 4
  %v510 = getelementptr float, ptr %v509, i64 %v500
  store <32 x float> %v506, ptr %v510, align 4
  br label %next498
next498:
  ; #line 34
  %v511 = add nsw i64 %v500, 32
  br label %loop496
after499:
  ; #line 34
  %v523 = icmp ult i64 %v485, %v36
  %v540 = insertelement <8 x i1> poison, i1 %v523, i64 0
  %v541 = shufflevector <8 x i1> %v540, <8 x i1> poison, <8 x i32> zeroinitializer
  %v543 = mul i64 %v485, %v38
  %v544 = add i64 %v543, %v453
  %v545 = getelementptr float, ptr %v34, i64 %v544
  br label %loop512
loop512:
  %v516 = phi i64 [ %v495, %after499 ], [ %v547, %next514 ]
  ; #line 34
  %v517 = icmp slt i64 %v516, 32
  br i1 %v517, label %body513, label %after515
body513:
  ; #line 34
  %v518 = getelementptr i8, ptr %v2, i64 128
  %v519 = mul i64 %v484, 32
  %v520 = add i64 %v519, %v516
  %v521 = getelementptr float, ptr %v518, i64 %v520
  %v522 = load <8 x float>, ptr %v521, align 4
  %v524 = add i64 %v453, %v516
  %v525 = sub i64 %v40, %v524
  %v526 = sub i64 0, %v524
  %v527 = call i64 @llvm.smin.i64(i64 %v525, i64 8)
  %v528 = call i64 @llvm.smax.i64(i64 %v527, i64 0)
  %v529 = trunc i64 %v528 to i32
  %v530 = insertelement <8 x i32> poison, i32 %v529, i64 0
  %v531 = shufflevector <8 x i32> %v530, <8 x i32> poison, <8 x i32> zeroinitializer
  %v532 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v531
  %v533 = call i64 @llvm.smin.i64(i64 %v526, i64 8)
  %v534 = call i64 @llvm.smax.i64(i64 %v533, i64 0)
  %v535 = trunc i64 %v534 to i32
  %v536 = insertelement <8 x i32> poison, i32 %v535, i64 0
  %v537 = shufflevector <8 x i32> %v536, <8 x i32> poison, <8 x i32> zeroinitializer
  %v538 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v537
  %v539 = and <8 x i1> %v532, %v538
  %v542 = and <8 x i1> %v541, %v539
  %v546 = getelementptr float, ptr %v545, i64 %v516
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v522, ptr %v546, i32 4, <8 x i1> %v542)
  br label %next514
next514:
  ; #line 34
  %v547 = add nsw i64 %v516, 8
  br label %loop512
after515:
  br label %next482
next482:
  ; #line 34
  %v548 = add nsw i64 %v484, 1
  %v549 = icmp slt i64 %v548, 12
  br i1 %v549, label %loop480, label %after483
after483:
  br label %join462
join462:
  ; #line 35
  br label %next43
next43:
  ; #line 35
  %v550 = add nsw i64 %v45, 1
  br label %loop41
after44:
  ; #line 35
  ret i32 0
failed:
  ret i32 1
}

declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <8 x float> @llvm.masked.load.v8f32.p0(ptr, i32, <8 x i1>, <8 x float>)
declare i64 @llvm.umin.i64(i64, i64)
declare i64 @llvm.umax.i64(i64, i64)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
declare <16 x float> @llvm.fma.v16f32(<16 x float>, <16 x float>, <16 x float>)
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32, <8 x i1>)

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
