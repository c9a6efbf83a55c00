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
  br label %loop25
loop25:
  %v29 = phi i64 [ %first, %entry ], [ %v546, %next27 ]
  %v30 = icmp slt i64 %v29, %last
  br i1 %v30, label %body26, label %after28
body26:
  %v31 = udiv i64 %v29, %v4
  %v32 = urem i64 %v29, %v4
  %v33 = urem i64 %v31, %v6
  %v34 = udiv i64 %v31, %v6
  ; #line 2
  %v35 = mul i64 %v33, 64
  ; #line 5
  %v36 = mul i64 %v32, 16
  ; #line 8
  %v42 = add i64 %v35, 0
  ; #line 5
  %v43 = sub i64 %v12, %v42
  %v44 = icmp sge i64 %v42, 0
  ; #line 19
  %v55 = add i64 %v35, 0
  ; #line 5
  %v56 = sub i64 %v24, %v55
  %v57 = icmp sge i64 %v55, 0
  %v58 = select i1 %v44, i64 %v43, i64 0
  %v59 = select i1 %v57, i64 %v56, i64 0
  %v60 = call i64 @llvm.smin.i64(i64 %v58, i64 %v59)
  br label %loop37
loop37:
  %v41 = phi i64 [ 0, %body26 ], [ %v544, %next39 ]
  br label %body38
body38:
  ; #line 11
  %v45 = add i64 %v36, %v41
  ; #line 5
  %v46 = add i64 %v45, 7
  %v47 = icmp ult i64 %v45, %v16
  %v48 = icmp slt i64 %v46, %v16
  %v49 = and i1 %v47, %v48
  ; #line 16
  %v50 = add i64 %v36, %v41
  ; #line 5
  %v51 = add i64 %v50, 7
  %v52 = icmp ult i64 %v50, %v20
  %v53 = icmp slt i64 %v51, %v20
  %v54 = and i1 %v52, %v53
  %v61 = select i1 %v49, i64 64, i64 0
  %v62 = call i64 @llvm.smin.i64(i64 %v60, i64 %v61)
  %v63 = select i1 %v54, i64 64, i64 0
  %v64 = call i64 @llvm.smin.i64(i64 %v62, i64 %v63)
  %v65 = call i64 @llvm.smin.i64(i64 %v64, i64 64)
  %v66 = call i64 @llvm.smax.i64(i64 %v65, i64 0)
  %v67 = udiv i64 %v66, 16
  %v68 = mul i64 %v67, 16
  %v69 = mul i64 %v50, %v22
  %v70 = add i64 %v69, %v55
  %v71 = getelementptr float, ptr %v18, i64 %v70
  %v72 = mul i64 4096, %v4
  %v73 = mul i64 %v72, %v6
  %v74 = mul i64 %v73, %v8
  %v75 = getelementptr i8, ptr %services, i64 24
  %v76 = load i64, ptr %v75, align 8, !invariant.load !{}
  %v77 = icmp uge i64 %v74, %v76
  %v78 = add i64 %v41, 1
  ; #line 16
  %v79 = add i64 %v36, %v78
  ; #line 5
  %v80 = mul i64 %v79, %v22
  %v81 = add i64 %v80, %v55
  %v82 = getelementptr float, ptr %v18, i64 %v81
  %v83 = ptrtoint ptr %v71 to i64
  %v84 = and i64 %v83, 63
  %v85 = icmp eq i64 %v84, 0
  %v86 = and i1 %v77, %v85
  %v87 = ptrtoint ptr %v82 to i64
  %v88 = and i64 %v87, 63
  %v89 = icmp eq i64 %v88, 0
  %v90 = and i1 %v86, %v89
  ; #line 13
  %v99 = mul i64 %v42, %v14
  %v100 = add i64 %v99, %v45
  %v101 = getelementptr float, ptr %v10, i64 %v100
  ; #line 20
  %v191 = mul i64 %v50, %v22
  %v192 = add i64 %v191, %v55
  %v193 = getelementptr float, ptr %v18, i64 %v192
  %v195 = add i64 %v41, 1
  %v196 = mul i64 %v79, %v22
  %v197 = add i64 %v196, %v55
  %v198 = getelementptr float, ptr %v18, i64 %v197
  %v200 = add i64 %v41, 2
  ; #line 16
  %v201 = add i64 %v36, %v200
  ; #line 20
  %v202 = mul i64 %v201, %v22
  %v203 = add i64 %v202, %v55
  %v204 = getelementptr float, ptr %v18, i64 %v203
  %v206 = add i64 %v41, 3
  ; #line 16
  %v207 = add i64 %v36, %v206
  ; #line 20
  %v208 = mul i64 %v207, %v22
  %v209 = add i64 %v208, %v55
  %v210 = getelementptr float, ptr %v18, i64 %v209
  %v212 = add i64 %v41, 4
  ; #line 16
  %v213 = add i64 %v36, %v212
  ; #line 20
  %v214 = mul i64 %v213, %v22
  %v215 = add i64 %v214, %v55
  %v216 = getelementptr float, ptr %v18, i64 %v215
  %v218 = add i64 %v41, 5
  ; #line 16
  %v219 = add i64 %v36, %v218
  ; #line 20
  %v220 = mul i64 %v219, %v22
  %v221 = add i64 %v220, %v55
  %v222 = getelementptr float, ptr %v18, i64 %v221
  %v224 = add i64 %v41, 6
  ; #line 16
  %v225 = add i64 %v36, %v224
  ; #line 20
  %v226 = mul i64 %v225, %v22
  %v227 = add i64 %v226, %v55
  %v228 = getelementptr float, ptr %v18, i64 %v227
  %v230 = add i64 %v41, 7
  ; #line 16
  %v231 = add i64 %v36, %v230
  ; #line 20
  %v232 = mul i64 %v231, %v22
  %v233 = add i64 %v232, %v55
  %v234 = getelementptr float, ptr %v18, i64 %v233
  ; #line 13
  %v244 = mul i64 %v42, %v14
  %v245 = add i64 %v244, %v45
  %v246 = getelementptr float, ptr %v10, i64 %v245
  ; #line 20
  %v336 = mul i64 %v50, %v22
  %v337 = add i64 %v336, %v55
  %v338 = getelementptr float, ptr %v18, i64 %v337
  %v340 = add i64 %v41, 1
  %v341 = mul i64 %v79, %v22
  %v342 = add i64 %v341, %v55
  %v343 = getelementptr float, ptr %v18, i64 %v342
  %v345 = add i64 %v41, 2
  %v346 = mul i64 %v201, %v22
  %v347 = add i64 %v346, %v55
  %v348 = getelementptr float, ptr %v18, i64 %v347
  %v350 = add i64 %v41, 3
  %v351 = mul i64 %v207, %v22
  %v352 = add i64 %v351, %v55
  %v353 = getelementptr float, ptr %v18, i64 %v352
  %v355 = add i64 %v41, 4
  %v356 = mul i64 %v213, %v22
  %v357 = add i64 %v356, %v55
  %v358 = getelementptr float, ptr %v18, i64 %v357
  %v360 = add i64 %v41, 5
  %v361 = mul i64 %v219, %v22
  %v362 = add i64 %v361, %v55
  %v363 = getelementptr float, ptr %v18, i64 %v362
  %v365 = add i64 %v41, 6
  %v366 = mul i64 %v225, %v22
  %v367 = add i64 %v366, %v55
  %v368 = getelementptr float, ptr %v18, i64 %v367
  %v370 = add i64 %v41, 7
  %v371 = mul i64 %v231, %v22
  %v372 = add i64 %v371, %v55
  %v373 = getelementptr float, ptr %v18, i64 %v372
  br i1 %v90, label %then92, label %else237
then92:
  br label %loop93
loop93:
  %v97 = phi i64 [ 0, %then92 ], [ %v236, %next95 ]
  ; #line 5
  %v98 = icmp slt i64 %v97, %v68
  br i1 %v98, label %body94, label %after96
body94:
  ; #line 13
  %v102 = mul i64 %v97, %v14
  %v103 = getelementptr float, ptr %v101, i64 %v102
  %v104 = getelementptr float, ptr %v103, i64 %v14
  %v105 = getelementptr float, ptr %v104, i64 %v14
  %v106 = getelementptr float, ptr %v105, i64 %v14
  %v107 = getelementptr float, ptr %v106, i64 %v14
  %v108 = getelementptr float, ptr %v107, i64 %v14
  %v109 = getelementptr float, ptr %v108, i64 %v14
  %v110 = getelementptr float, ptr %v109, i64 %v14
  %v111 = getelementptr float, ptr %v110, i64 %v14
  %v112 = getelementptr float, ptr %v111, i64 %v14
  %v113 = getelementptr float, ptr %v112, i64 %v14
  %v114 = getelementptr float, ptr %v113, i64 %v14
  %v115 = getelementptr float, ptr %v114, i64 %v14
  %v116 = getelementptr float, ptr %v115, i64 %v14
  %v117 = getelementptr float, ptr %v116, i64 %v14
  %v118 = getelementptr float, ptr %v117, i64 %v14
  %v119 = load <8 x float>, ptr %v103, align 4
  %v120 = load <8 x float>, ptr %v104, align 4
  %v121 = load <8 x float>, ptr %v105, align 4
  %v122 = load <8 x float>, ptr %v106, align 4
  %v123 = load <8 x float>, ptr %v107, align 4
  %v124 = load <8 x float>, ptr %v108, align 4
  %v125 = load <8 x float>, ptr %v109, align 4
  %v126 = load <8 x float>, ptr %v110, align 4
  %v127 = load <8 x float>, ptr %v111, align 4
  %v128 = load <8 x float>, ptr %v112, align 4
  %v129 = load <8 x float>, ptr %v113, align 4
  %v130 = load <8 x float>, ptr %v114, align 4
  %v131 = load <8 x float>, ptr %v115, align 4
  %v132 = load <8 x float>, ptr %v116, align 4
  %v133 = load <8 x float>, ptr %v117, align 4
  %v134 = load <8 x float>, ptr %v118, align 4
  %v135 = shufflevector <8 x float> %v119, <8 x float> %v123, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v136 = shufflevector <8 x float> %v119, <8 x float> %v123, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v137 = shufflevector <8 x float> %v120, <8 x float> %v124, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v138 = shufflevector <8 x float> %v120, <8 x float> %v124, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v139 = shufflevector <8 x float> %v121, <8 x float> %v125, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v140 = shufflevector <8 x float> %v121, <8 x float> %v125, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v141 = shufflevector <8 x float> %v122, <8 x float> %v126, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v142 = shufflevector <8 x float> %v122, <8 x float> %v126, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v143 = shufflevector <8 x float> %v135, <8 x float> %v139, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v144 = shufflevector <8 x float> %v135, <8 x float> %v139, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v145 = shufflevector <8 x float> %v137, <8 x float> %v141, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v146 = shufflevector <8 x float> %v137, <8 x float> %v141, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v147 = shufflevector <8 x float> %v143, <8 x float> %v145, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v148 = shufflevector <8 x float> %v143, <8 x float> %v145, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v149 = shufflevector <8 x float> %v144, <8 x float> %v146, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v150 = shufflevector <8 x float> %v144, <8 x float> %v146, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v151 = shufflevector <8 x float> %v136, <8 x float> %v140, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v152 = shufflevector <8 x float> %v136, <8 x float> %v140, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v153 = shufflevector <8 x float> %v138, <8 x float> %v142, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v154 = shufflevector <8 x float> %v138, <8 x float> %v142, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v155 = shufflevector <8 x float> %v151, <8 x float> %v153, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v156 = shufflevector <8 x float> %v151, <8 x float> %v153, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v157 = shufflevector <8 x float> %v152, <8 x float> %v154, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v158 = shufflevector <8 x float> %v152, <8 x float> %v154, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v159 = shufflevector <8 x float> %v127, <8 x float> %v131, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v160 = shufflevector <8 x float> %v127, <8 x float> %v131, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v161 = shufflevector <8 x float> %v128, <8 x float> %v132, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v162 = shufflevector <8 x float> %v128, <8 x float> %v132, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v163 = shufflevector <8 x float> %v129, <8 x float> %v133, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v164 = shufflevector <8 x float> %v129, <8 x float> %v133, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v165 = shufflevector <8 x float> %v130, <8 x float> %v134, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v166 = shufflevector <8 x float> %v130, <8 x float> %v134, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v167 = shufflevector <8 x float> %v159, <8 x float> %v163, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v168 = shufflevector <8 x float> %v159, <8 x float> %v163, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v169 = shufflevector <8 x float> %v161, <8 x float> %v165, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v170 = shufflevector <8 x float> %v161, <8 x float> %v165, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v171 = shufflevector <8 x float> %v167, <8 x float> %v169, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v172 = shufflevector <8 x float> %v167, <8 x float> %v169, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v173 = shufflevector <8 x float> %v168, <8 x float> %v170, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v174 = shufflevector <8 x float> %v168, <8 x float> %v170, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v175 = shufflevector <8 x float> %v160, <8 x float> %v164, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v176 = shufflevector <8 x float> %v160, <8 x float> %v164, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v177 = shufflevector <8 x float> %v162, <8 x float> %v166, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v178 = shufflevector <8 x float> %v162, <8 x float> %v166, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v179 = shufflevector <8 x float> %v175, <8 x float> %v177, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v180 = shufflevector <8 x float> %v175, <8 x float> %v177, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v181 = shufflevector <8 x float> %v176, <8 x float> %v178, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v182 = shufflevector <8 x float> %v176, <8 x float> %v178, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v183 = shufflevector <8 x float> %v147, <8 x float> %v171, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v184 = shufflevector <8 x float> %v148, <8 x float> %v172, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v185 = shufflevector <8 x float> %v149, <8 x float> %v173, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v186 = shufflevector <8 x float> %v150, <8 x float> %v174, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v187 = shufflevector <8 x float> %v155, <8 x float> %v179, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v188 = shufflevector <8 x float> %v156, <8 x float> %v180, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v189 = shufflevector <8 x float> %v157, <8 x float> %v181, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v190 = shufflevector <8 x float> %v158, <8 x float> %v182, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  ; #line 20
  %v194 = getelementptr float, ptr %v193, i64 %v97
  store <16 x float> %v183, ptr %v194, align 64, !nontemporal !{i32 1}
  %v199 = getelementptr float, ptr %v198, i64 %v97
  store <16 x float> %v184, ptr %v199, align 64, !nontemporal !{i32 1}
  %v205 = getelementptr float, ptr %v204, i64 %v97
  store <16 x float> %v185, ptr %v205, align 64, !nontemporal !{i32 1}
  %v211 = getelementptr float, ptr %v210, i64 %v97
  store <16 x float> %v186, ptr %v211, align 64, !nontemporal !{i32 1}
  %v217 = getelementptr float, ptr %v216, i64 %v97
  store <16 x float> %v187, ptr %v217, align 64, !nontemporal !{i32 1}
  %v223 = getelementptr float, ptr %v222, i64 %v97
  store <16 x float> %v188, ptr %v223, align 64, !nontemporal !{i32 1}
  %v229 = getelementptr float, ptr %v228, i64 %v97
  store <16 x float> %v189, ptr %v229, align 64, !nontemporal !{i32 1}
  %v235 = getelementptr float, ptr %v234, i64 %v97
  store <16 x float> %v190, ptr %v235, align 64, !nontemporal !{i32 1}
  br label %next95
next95:
  ; #line 20
  %v236 = add nsw i64 %v97, 16
  br label %loop93
after96:
  br label %join91
else237:
  br label %loop238
loop238:
  %v242 = phi i64 [ 0, %else237 ], [ %v375, %next240 ]
  ; #line 20
  %v243 = icmp slt i64 %v242, %v68
  br i1 %v243, label %body239, label %after241
body239:
  ; #line 13
  %v247 = mul i64 %v242, %v14
  %v248 = getelementptr float, ptr %v246, i64 %v247
  %v249 = getelementptr float, ptr %v248, i64 %v14
  %v250 = getelementptr float, ptr %v249, i64 %v14
  %v251 = getelementptr float, ptr %v250, i64 %v14
  %v252 = getelementptr float, ptr %v251, i64 %v14
  %v253 = getelementptr float, ptr %v252, i64 %v14
  %v254 = getelementptr float, ptr %v253, i64 %v14
  %v255 = getelementptr float, ptr %v254, i64 %v14
  %v256 = getelementptr float, ptr %v255, i64 %v14
  %v257 = getelementptr float, ptr %v256, i64 %v14
  %v258 = getelementptr float, ptr %v257, i64 %v14
  %v259 = getelementptr float, ptr %v258, i64 %v14
  %v260 = getelementptr float, ptr %v259, i64 %v14
  %v261 = getelementptr float, ptr %v260, i64 %v14
  %v262 = getelementptr float, ptr %v261, i64 %v14
  %v263 = getelementptr float, ptr %v262, i64 %v14
  %v264 = load <8 x float>, ptr %v248, align 4
  %v265 = load <8 x float>, ptr %v249, align 4
  %v266 = load <8 x float>, ptr %v250, align 4
  %v267 = load <8 x float>, ptr %v251, align 4
  %v268 = load <8 x float>, ptr %v252, align 4
  %v269 = load <8 x float>, ptr %v253, align 4
  %v270 = load <8 x float>, ptr %v254, align 4
  %v271 = load <8 x float>, ptr %v255, align 4
  %v272 = load <8 x float>, ptr %v256, align 4
  %v273 = load <8 x float>, ptr %v257, align 4
  %v274 = load <8 x float>, ptr %v258, align 4
  %v275 = load <8 x float>, ptr %v259, align 4
  %v276 = load <8 x float>, ptr %v260, align 4
  %v277 = load <8 x float>, ptr %v261, align 4
  %v278 = load <8 x float>, ptr %v262, align 4
  %v279 = load <8 x float>, ptr %v263, align 4
  %v280 = shufflevector <8 x float> %v264, <8 x float> %v268, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v281 = shufflevector <8 x float> %v264, <8 x float> %v268, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v282 = shufflevector <8 x float> %v265, <8 x float> %v269, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v283 = shufflevector <8 x float> %v265, <8 x float> %v269, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v284 = shufflevector <8 x float> %v266, <8 x float> %v270, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v285 = shufflevector <8 x float> %v266, <8 x float> %v270, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v286 = shufflevector <8 x float> %v267, <8 x float> %v271, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v287 = shufflevector <8 x float> %v267, <8 x float> %v271, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v288 = shufflevector <8 x float> %v280, <8 x float> %v284, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v289 = shufflevector <8 x float> %v280, <8 x float> %v284, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v290 = shufflevector <8 x float> %v282, <8 x float> %v286, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v291 = shufflevector <8 x float> %v282, <8 x float> %v286, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v292 = shufflevector <8 x float> %v288, <8 x float> %v290, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v293 = shufflevector <8 x float> %v288, <8 x float> %v290, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v294 = shufflevector <8 x float> %v289, <8 x float> %v291, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v295 = shufflevector <8 x float> %v289, <8 x float> %v291, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v296 = shufflevector <8 x float> %v281, <8 x float> %v285, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v297 = shufflevector <8 x float> %v281, <8 x float> %v285, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v298 = shufflevector <8 x float> %v283, <8 x float> %v287, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v299 = shufflevector <8 x float> %v283, <8 x float> %v287, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v300 = shufflevector <8 x float> %v296, <8 x float> %v298, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v301 = shufflevector <8 x float> %v296, <8 x float> %v298, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v302 = shufflevector <8 x float> %v297, <8 x float> %v299, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v303 = shufflevector <8 x float> %v297, <8 x float> %v299, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v304 = shufflevector <8 x float> %v272, <8 x float> %v276, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v305 = shufflevector <8 x float> %v272, <8 x float> %v276, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v306 = shufflevector <8 x float> %v273, <8 x float> %v277, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v307 = shufflevector <8 x float> %v273, <8 x float> %v277, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v308 = shufflevector <8 x float> %v274, <8 x float> %v278, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v309 = shufflevector <8 x float> %v274, <8 x float> %v278, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v310 = shufflevector <8 x float> %v275, <8 x float> %v279, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v311 = shufflevector <8 x float> %v275, <8 x float> %v279, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v312 = shufflevector <8 x float> %v304, <8 x float> %v308, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v313 = shufflevector <8 x float> %v304, <8 x float> %v308, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v314 = shufflevector <8 x float> %v306, <8 x float> %v310, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v315 = shufflevector <8 x float> %v306, <8 x float> %v310, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v316 = shufflevector <8 x float> %v312, <8 x float> %v314, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v317 = shufflevector <8 x float> %v312, <8 x float> %v314, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v318 = shufflevector <8 x float> %v313, <8 x float> %v315, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v319 = shufflevector <8 x float> %v313, <8 x float> %v315, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v320 = shufflevector <8 x float> %v305, <8 x float> %v309, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v321 = shufflevector <8 x float> %v305, <8 x float> %v309, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v322 = shufflevector <8 x float> %v307, <8 x float> %v311, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v323 = shufflevector <8 x float> %v307, <8 x float> %v311, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v324 = shufflevector <8 x float> %v320, <8 x float> %v322, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v325 = shufflevector <8 x float> %v320, <8 x float> %v322, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v326 = shufflevector <8 x float> %v321, <8 x float> %v323, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v327 = shufflevector <8 x float> %v321, <8 x float> %v323, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v328 = shufflevector <8 x float> %v292, <8 x float> %v316, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v329 = shufflevector <8 x float> %v293, <8 x float> %v317, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v330 = shufflevector <8 x float> %v294, <8 x float> %v318, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v331 = shufflevector <8 x float> %v295, <8 x float> %v319, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v332 = shufflevector <8 x float> %v300, <8 x float> %v324, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v333 = shufflevector <8 x float> %v301, <8 x float> %v325, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v334 = shufflevector <8 x float> %v302, <8 x float> %v326, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v335 = shufflevector <8 x float> %v303, <8 x float> %v327, <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  ; #line 20
  %v339 = getelementptr float, ptr %v338, i64 %v242
  store <16 x float> %v328, ptr %v339, align 4
  %v344 = getelementptr float, ptr %v343, i64 %v242
  store <16 x float> %v329, ptr %v344, align 4
  %v349 = getelementptr float, ptr %v348, i64 %v242
  store <16 x float> %v330, ptr %v349, align 4
  %v354 = getelementptr float, ptr %v353, i64 %v242
  store <16 x float> %v331, ptr %v354, align 4
  %v359 = getelementptr float, ptr %v358, i64 %v242
  store <16 x float> %v332, ptr %v359, align 4
  %v364 = getelementptr float, ptr %v363, i64 %v242
  store <16 x float> %v333, ptr %v364, align 4
  %v369 = getelementptr float, ptr %v368, i64 %v242
  store <16 x float> %v334, ptr %v369, align 4
  %v374 = getelementptr float, ptr %v373, i64 %v242
  store <16 x float> %v335, ptr %v374, align 4
  br label %next240
next240:
  ; #line 20
  %v375 = add nsw i64 %v242, 16
  br label %loop238
after241:
  br label %join91
join91:
  ; #line 20
  %v376 = udiv i64 %v66, 8
  %v377 = mul i64 %v376, 8
  ; #line 13
  %v384 = mul i64 %v42, %v14
  %v385 = add i64 %v384, %v45
  %v386 = getelementptr float, ptr %v10, i64 %v385
  ; #line 20
  %v428 = mul i64 %v50, %v22
  %v429 = add i64 %v428, %v55
  %v430 = getelementptr float, ptr %v18, i64 %v429
  %v432 = add i64 %v41, 1
  %v433 = mul i64 %v79, %v22
  %v434 = add i64 %v433, %v55
  %v435 = getelementptr float, ptr %v18, i64 %v434
  %v437 = add i64 %v41, 2
  %v438 = mul i64 %v201, %v22
  %v439 = add i64 %v438, %v55
  %v440 = getelementptr float, ptr %v18, i64 %v439
  %v442 = add i64 %v41, 3
  %v443 = mul i64 %v207, %v22
  %v444 = add i64 %v443, %v55
  %v445 = getelementptr float, ptr %v18, i64 %v444
  %v447 = add i64 %v41, 4
  %v448 = mul i64 %v213, %v22
  %v449 = add i64 %v448, %v55
  %v450 = getelementptr float, ptr %v18, i64 %v449
  %v452 = add i64 %v41, 5
  %v453 = mul i64 %v219, %v22
  %v454 = add i64 %v453, %v55
  %v455 = getelementptr float, ptr %v18, i64 %v454
  %v457 = add i64 %v41, 6
  %v458 = mul i64 %v225, %v22
  %v459 = add i64 %v458, %v55
  %v460 = getelementptr float, ptr %v18, i64 %v459
  %v462 = add i64 %v41, 7
  %v463 = mul i64 %v231, %v22
  %v464 = add i64 %v463, %v55
  %v465 = getelementptr float, ptr %v18, i64 %v464
  br label %loop378
loop378:
  %v382 = phi i64 [ %v68, %join91 ], [ %v467, %next380 ]
  ; #line 20
  %v383 = icmp slt i64 %v382, %v377
  br i1 %v383, label %body379, label %after381
body379:
  ; #line 13
  %v387 = mul i64 %v382, %v14
  %v388 = getelementptr float, ptr %v386, i64 %v387
  %v389 = getelementptr float, ptr %v388, i64 %v14
  %v390 = getelementptr float, ptr %v389, i64 %v14
  %v391 = getelementptr float, ptr %v390, i64 %v14
  %v392 = getelementptr float, ptr %v391, i64 %v14
  %v393 = getelementptr float, ptr %v392, i64 %v14
  %v394 = getelementptr float, ptr %v393, i64 %v14
  %v395 = getelementptr float, ptr %v394, i64 %v14
  %v396 = load <8 x float>, ptr %v388, align 4
  %v397 = load <8 x float>, ptr %v389, align 4
  %v398 = load <8 x float>, ptr %v390, align 4
  %v399 = load <8 x float>, ptr %v391, align 4
  %v400 = load <8 x float>, ptr %v392, align 4
  %v401 = load <8 x float>, ptr %v393, align 4
  %v402 = load <8 x float>, ptr %v394, align 4
  %v403 = load <8 x float>, ptr %v395, align 4
  %v404 = shufflevector <8 x float> %v396, <8 x float> %v400, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v405 = shufflevector <8 x float> %v396, <8 x float> %v400, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v406 = shufflevector <8 x float> %v397, <8 x float> %v401, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v407 = shufflevector <8 x float> %v397, <8 x float> %v401, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v408 = shufflevector <8 x float> %v398, <8 x float> %v402, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v409 = shufflevector <8 x float> %v398, <8 x float> %v402, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v410 = shufflevector <8 x float> %v399, <8 x float> %v403, <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 8, i32 9, i32 10, i32 11>
  %v411 = shufflevector <8 x float> %v399, <8 x float> %v403, <8 x i32> <i32 4, i32 5, i32 6, i32 7, i32 12, i32 13, i32 14, i32 15>
  %v412 = shufflevector <8 x float> %v404, <8 x float> %v408, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v413 = shufflevector <8 x float> %v404, <8 x float> %v408, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v414 = shufflevector <8 x float> %v406, <8 x float> %v410, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v415 = shufflevector <8 x float> %v406, <8 x float> %v410, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v416 = shufflevector <8 x float> %v412, <8 x float> %v414, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v417 = shufflevector <8 x float> %v412, <8 x float> %v414, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v418 = shufflevector <8 x float> %v413, <8 x float> %v415, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v419 = shufflevector <8 x float> %v413, <8 x float> %v415, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v420 = shufflevector <8 x float> %v405, <8 x float> %v409, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v421 = shufflevector <8 x float> %v405, <8 x float> %v409, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v422 = shufflevector <8 x float> %v407, <8 x float> %v411, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v423 = shufflevector <8 x float> %v407, <8 x float> %v411, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v424 = shufflevector <8 x float> %v420, <8 x float> %v422, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v425 = shufflevector <8 x float> %v420, <8 x float> %v422, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  %v426 = shufflevector <8 x float> %v421, <8 x float> %v423, <8 x i32> <i32 0, i32 8, i32 1, i32 9, i32 4, i32 12, i32 5, i32 13>
  %v427 = shufflevector <8 x float> %v421, <8 x float> %v423, <8 x i32> <i32 2, i32 10, i32 3, i32 11, i32 6, i32 14, i32 7, i32 15>
  ; #line 20
  %v431 = getelementptr float, ptr %v430, i64 %v382
  store <8 x float> %v416, ptr %v431, align 4
  %v436 = getelementptr float, ptr %v435, i64 %v382
  store <8 x float> %v417, ptr %v436, align 4
  %v441 = getelementptr float, ptr %v440, i64 %v382
  store <8 x float> %v418, ptr %v441, align 4
  %v446 = getelementptr float, ptr %v445, i64 %v382
  store <8 x float> %v419, ptr %v446, align 4
  %v451 = getelementptr float, ptr %v450, i64 %v382
  store <8 x float> %v424, ptr %v451, align 4
  %v456 = getelementptr float, ptr %v455, i64 %v382
  store <8 x float> %v425, ptr %v456, align 4
  %v461 = getelementptr float, ptr %v460, i64 %v382
  store <8 x float> %v426, ptr %v461, align 4
  %v466 = getelementptr float, ptr %v465, i64 %v382
  store <8 x float> %v427, ptr %v466, align 4
  br label %next380
next380:
  ; #line 20
  %v467 = add nsw i64 %v382, 8
  br label %loop378
after381:
  ; #line 20
  %v468 = icmp slt i64 %v377, 64
  %v469 = select i1 %v468, i64 8, i64 0
  br label %loop470
loop470:
  %v474 = phi i64 [ 0, %after381 ], [ %v543, %next472 ]
  ; #line 20
  %v475 = icmp slt i64 %v474, %v469
  br i1 %v475, label %body471, label %after473
body471:
  ; #line 20
  %v476 = add i64 %v41, %v474
  ; #line 11
  %v499 = add i64 %v36, %v476
  ; #line 13
  %v500 = icmp ult i64 %v499, %v16
  %v501 = insertelement <8 x i1> poison, i1 %v500, i64 0
  %v502 = shufflevector <8 x i1> %v501, <8 x i1> poison, <8 x i32> zeroinitializer
  %v504 = mul i64 %v42, %v14
  %v505 = add i64 %v504, %v499
  %v506 = getelementptr float, ptr %v10, i64 %v505
  ; #line 16
  %v517 = add i64 %v36, %v476
  ; #line 20
  %v518 = icmp ult i64 %v517, %v20
  %v535 = insertelement <8 x i1> poison, i1 %v518, i64 0
  %v536 = shufflevector <8 x i1> %v535, <8 x i1> poison, <8 x i32> zeroinitializer
  %v538 = mul i64 %v517, %v22
  %v539 = add i64 %v538, %v55
  %v540 = getelementptr float, ptr %v18, i64 %v539
  br label %loop477
loop477:
  %v481 = phi i64 [ %v377, %body471 ], [ %v542, %next479 ]
  ; #line 20
  %v482 = icmp slt i64 %v481, 64
  br i1 %v482, label %body478, label %after480
body478:
  ; #line 13
  %v483 = add i64 %v42, %v481
  %v484 = sub i64 %v12, %v483
  %v485 = sub i64 0, %v483
  %v486 = call i64 @llvm.smin.i64(i64 %v484, i64 8)
  %v487 = call i64 @llvm.smax.i64(i64 %v486, i64 0)
  %v488 = trunc i64 %v487 to i32
  %v489 = insertelement <8 x i32> poison, i32 %v488, i64 0
  %v490 = shufflevector <8 x i32> %v489, <8 x i32> poison, <8 x i32> zeroinitializer
  %v491 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v490
  %v492 = call i64 @llvm.smin.i64(i64 %v485, i64 8)
  %v493 = call i64 @llvm.smax.i64(i64 %v492, i64 0)
  %v494 = trunc i64 %v493 to i32
  %v495 = insertelement <8 x i32> poison, i32 %v494, i64 0
  %v496 = shufflevector <8 x i32> %v495, <8 x i32> poison, <8 x i32> zeroinitializer
  %v497 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v496
  %v498 = and <8 x i1> %v491, %v497
  %v503 = and <8 x i1> %v498, %v502
  %v507 = mul i64 %v481, %v14
  %v508 = getelementptr float, ptr %v506, i64 %v507
  %v509 = insertelement <8 x i64> poison, i64 %v14, i64 0
  %v510 = shufflevector <8 x i64> %v509, <8 x i64> poison, <8 x i32> zeroinitializer
  %v511 = mul <8 x i64> %v510, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>
  %v512 = getelementptr float, ptr %v508, <8 x i64> %v511
  %v513 = insertelement <8 x ptr> poison, ptr %v2, i64 0
  %v514 = shufflevector <8 x ptr> %v513, <8 x ptr> poison, <8 x i32> zeroinitializer
  %v515 = select <8 x i1> %v503, <8 x ptr> %v512, <8 x ptr> %v514
  %v516 = call <8 x float> @llvm.masked.gather.v8f32.v8p0(<8 x ptr> %v515, i32 4, <8 x i1> splat (i1 true), <8 x float> poison)
  ; #line 20
  %v519 = add i64 %v55, %v481
  %v520 = sub i64 %v24, %v519
  %v521 = sub i64 0, %v519
  %v522 = call i64 @llvm.smin.i64(i64 %v520, i64 8)
  %v523 = call i64 @llvm.smax.i64(i64 %v522, i64 0)
  %v524 = trunc i64 %v523 to i32
  %v525 = insertelement <8 x i32> poison, i32 %v524, i64 0
  %v526 = shufflevector <8 x i32> %v525, <8 x i32> poison, <8 x i32> zeroinitializer
  %v527 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v526
  %v528 = call i64 @llvm.smin.i64(i64 %v521, i64 8)
  %v529 = call i64 @llvm.smax.i64(i64 %v528, i64 0)
  %v530 = trunc i64 %v529 to i32
  %v531 = insertelement <8 x i32> poison, i32 %v530, i64 0
  %v532 = shufflevector <8 x i32> %v531, <8 x i32> poison, <8 x i32> zeroinitializer
  %v533 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v532
  %v534 = and <8 x i1> %v527, %v533
  %v537 = and <8 x i1> %v536, %v534
  %v541 = getelementptr float, ptr %v540, i64 %v481
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v516, ptr %v541, i32 4, <8 x i1> %v537)
  br label %next479
next479:
  ; #line 20
  %v542 = add nsw i64 %v481, 8
  br label %loop477
after480:
  br label %next472
next472:
  ; #line 20
  %v543 = add nsw i64 %v474, 1
  br label %loop470
after473:
  br label %next39
next39:
  ; #line 20
  %v544 = add nsw i64 %v41, 8
  %v545 = icmp slt i64 %v544, 16
  br i1 %v545, label %loop37, label %after40
after40:
  ; #line 21
  br label %next27
next27:
  ; #line 21
  %v546 = add nsw i64 %v29, 1
  br label %loop25
after28:
  ; #line 21
  call void @llvm.x86.sse.sfence()
  ret i32 0
failed:
  ret i32 1
}

declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <8 x float> @llvm.masked.gather.v8f32.v8p0(<8 x ptr>, i32, <8 x i1>, <8 x float>)
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32, <8 x i1>)
declare void @llvm.x86.sse.sfence()

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
