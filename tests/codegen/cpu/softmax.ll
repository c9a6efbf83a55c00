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
  %v29 = phi i64 [ %first, %entry ], [ %v421, %next27 ]
  %v30 = icmp slt i64 %v29, %last
  br i1 %v30, label %body26, label %after28
body26:
  %v31 = udiv i64 %v29, %v4
  %v32 = urem i64 %v29, %v4
  %v33 = urem i64 %v31, %v6
  %v34 = udiv i64 %v31, %v6
  ; #line 0
  %v35 = icmp ult i64 %v32, %v12
  %v36 = sub i64 %v16, 0
  %v37 = icmp sge i64 0, 0
  %v38 = select i1 %v35, i64 100, i64 0
  %v39 = select i1 %v37, i64 %v36, i64 0
  %v40 = call i64 @llvm.smin.i64(i64 %v38, i64 %v39)
  %v41 = call i64 @llvm.smin.i64(i64 %v40, i64 100)
  %v42 = call i64 @llvm.smax.i64(i64 %v41, i64 0)
  %v43 = udiv i64 %v42, 32
  %v44 = mul i64 %v43, 32
  ; #line 2
  %v52 = mul i64 %v32, %v14
  %v53 = getelementptr float, ptr %v10, i64 %v52
  br label %loop45
loop45:
  %v49 = phi i64 [ 0, %body26 ], [ %v60, %next47 ]
  %v50 = phi <32 x float> [ splat (float 0xFFF0000000000000), %body26 ], [ %v59, %next47 ]
  ; #line 0
  %v51 = icmp slt i64 %v49, %v44
  br i1 %v51, label %body46, label %after48
body46:
  ; #line 2
  %v54 = getelementptr float, ptr %v53, i64 %v49
  %v55 = load <32 x float>, ptr %v54, align 4
  ; #line 3
  %v56 = fcmp ogt <32 x float> %v55, %v50
  %v57 = select <32 x i1> %v56, <32 x float> %v55, <32 x float> %v50
  %v58 = fcmp uno <32 x float> %v55, %v55
  %v59 = select <32 x i1> %v58, <32 x float> %v55, <32 x float> %v57
  br label %next47
next47:
  ; #line 3
  %v60 = add nsw i64 %v49, 32
  br label %loop45
after48:
  ; #line 2
  %v68 = icmp ult i64 %v32, %v12
  %v77 = insertelement <8 x i1> poison, i1 %v68, i64 0
  %v78 = shufflevector <8 x i1> %v77, <8 x i1> poison, <8 x i32> zeroinitializer
  %v80 = mul i64 %v32, %v14
  %v81 = getelementptr float, ptr %v10, i64 %v80
  br label %loop61
loop61:
  %v65 = phi i64 [ %v44, %after48 ], [ %v89, %next63 ]
  %v66 = phi <32 x float> [ %v50, %after48 ], [ %v88, %next63 ]
  ; #line 3
  %v67 = icmp slt i64 %v65, 96
  br i1 %v67, label %body62, label %after64
body62:
  ; #line 2
  %v69 = add i64 0, %v65
  %v70 = sub i64 %v16, %v69
  %v71 = call i64 @llvm.smin.i64(i64 %v70, i64 8)
  %v72 = call i64 @llvm.smax.i64(i64 %v71, i64 0)
  %v73 = trunc i64 %v72 to i32
  %v74 = insertelement <8 x i32> poison, i32 %v73, i64 0
  %v75 = shufflevector <8 x i32> %v74, <8 x i32> poison, <8 x i32> zeroinitializer
  %v76 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v75
  %v79 = and <8 x i1> %v78, %v76
  %v82 = getelementptr float, ptr %v81, i64 %v65
  %v83 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v82, i32 4, <8 x i1> %v79, <8 x float> zeroinitializer)
  ; #line 3
  %v84 = shufflevector <8 x float> %v83, <8 x float> splat (float 0xFFF0000000000000), <32 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8>
  %v85 = fcmp ogt <32 x float> %v84, %v66
  %v86 = select <32 x i1> %v85, <32 x float> %v84, <32 x float> %v66
  %v87 = fcmp uno <32 x float> %v84, %v84
  %v88 = select <32 x i1> %v87, <32 x float> %v84, <32 x float> %v86
  br label %next63
next63:
  ; #line 3
  %v89 = add nsw i64 %v65, 8
  br label %loop61
after64:
  ; #line 2
  %v90 = icmp ult i64 %v32, %v12
  %v99 = insertelement <4 x i1> poison, i1 %v90, i64 0
  %v100 = shufflevector <4 x i1> %v99, <4 x i1> poison, <4 x i32> zeroinitializer
  %v102 = mul i64 %v32, %v14
  %v103 = getelementptr float, ptr %v10, i64 %v102
  ; #line 2
  %v91 = add i64 0, 96
  %v92 = sub i64 %v16, %v91
  %v93 = call i64 @llvm.smin.i64(i64 %v92, i64 4)
  %v94 = call i64 @llvm.smax.i64(i64 %v93, i64 0)
  %v95 = trunc i64 %v94 to i32
  %v96 = insertelement <4 x i32> poison, i32 %v95, i64 0
  %v97 = shufflevector <4 x i32> %v96, <4 x i32> poison, <4 x i32> zeroinitializer
  %v98 = icmp ult <4 x i32> <i32 0, i32 1, i32 2, i32 3>, %v97
  %v101 = and <4 x i1> %v100, %v98
  %v104 = getelementptr float, ptr %v103, i64 96
  %v105 = call <4 x float> @llvm.masked.load.v4f32.p0(ptr %v104, i32 4, <4 x i1> %v101, <4 x float> zeroinitializer)
  ; #line 3
  %v106 = shufflevector <4 x float> %v105, <4 x float> splat (float 0xFFF0000000000000), <32 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4>
  %v107 = fcmp ogt <32 x float> %v106, %v66
  %v108 = select <32 x i1> %v107, <32 x float> %v106, <32 x float> %v66
  %v109 = fcmp uno <32 x float> %v106, %v106
  %v110 = select <32 x i1> %v109, <32 x float> %v106, <32 x float> %v108
  %v111 = shufflevector <32 x float> %v110, <32 x float> splat (float 0xFFF0000000000000), <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v112 = shufflevector <32 x float> %v110, <32 x float> splat (float 0xFFF0000000000000), <16 x i32> <i32 16, i32 17, i32 18, i32 19, i32 20, i32 21, i32 22, i32 23, i32 24, i32 25, i32 26, i32 27, i32 28, i32 29, i32 30, i32 31>
  %v113 = fcmp ogt <16 x float> %v112, %v111
  %v114 = select <16 x i1> %v113, <16 x float> %v112, <16 x float> %v111
  %v115 = fcmp uno <16 x float> %v112, %v112
  %v116 = select <16 x i1> %v115, <16 x float> %v112, <16 x float> %v114
  %v117 = shufflevector <16 x float> %v116, <16 x float> splat (float 0xFFF0000000000000), <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v118 = shufflevector <16 x float> %v116, <16 x float> splat (float 0xFFF0000000000000), <8 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v119 = fcmp ogt <8 x float> %v118, %v117
  %v120 = select <8 x i1> %v119, <8 x float> %v118, <8 x float> %v117
  %v121 = fcmp uno <8 x float> %v118, %v118
  %v122 = select <8 x i1> %v121, <8 x float> %v118, <8 x float> %v120
  %v123 = shufflevector <8 x float> %v122, <8 x float> splat (float 0xFFF0000000000000), <4 x i32> <i32 0, i32 1, i32 2, i32 3>
  %v124 = shufflevector <8 x float> %v122, <8 x float> splat (float 0xFFF0000000000000), <4 x i32> <i32 4, i32 5, i32 6, i32 7>
  %v125 = fcmp ogt <4 x float> %v124, %v123
  %v126 = select <4 x i1> %v125, <4 x float> %v124, <4 x float> %v123
  %v127 = fcmp uno <4 x float> %v124, %v124
  %v128 = select <4 x i1> %v127, <4 x float> %v124, <4 x float> %v126
  %v129 = shufflevector <4 x float> %v128, <4 x float> splat (float 0xFFF0000000000000), <2 x i32> <i32 0, i32 1>
  %v130 = shufflevector <4 x float> %v128, <4 x float> splat (float 0xFFF0000000000000), <2 x i32> <i32 2, i32 3>
  %v131 = fcmp ogt <2 x float> %v130, %v129
  %v132 = select <2 x i1> %v131, <2 x float> %v130, <2 x float> %v129
  %v133 = fcmp uno <2 x float> %v130, %v130
  %v134 = select <2 x i1> %v133, <2 x float> %v130, <2 x float> %v132
  %v135 = shufflevector <2 x float> %v134, <2 x float> splat (float 0xFFF0000000000000), <1 x i32> <i32 0>
  %v136 = shufflevector <2 x float> %v134, <2 x float> splat (float 0xFFF0000000000000), <1 x i32> <i32 1>
  %v137 = fcmp ogt <1 x float> %v136, %v135
  %v138 = select <1 x i1> %v137, <1 x float> %v136, <1 x float> %v135
  %v139 = fcmp uno <1 x float> %v136, %v136
  %v140 = select <1 x i1> %v139, <1 x float> %v136, <1 x float> %v138
  %v141 = extractelement <1 x float> %v140, i64 0
  ; #line 3
  %v142 = icmp ult i64 %v32, %v12
  %v143 = sub i64 %v16, 0
  %v144 = icmp sge i64 0, 0
  %v145 = select i1 %v142, i64 100, i64 0
  %v146 = select i1 %v144, i64 %v143, i64 0
  %v147 = call i64 @llvm.smin.i64(i64 %v145, i64 %v146)
  %v148 = call i64 @llvm.smin.i64(i64 %v147, i64 100)
  %v149 = call i64 @llvm.smax.i64(i64 %v148, i64 0)
  %v150 = udiv i64 %v149, 16
  %v151 = mul i64 %v150, 16
  ; #line 2
  %v159 = mul i64 %v32, %v14
  %v160 = getelementptr float, ptr %v10, i64 %v159
  ; #line 5
  %v163 = insertelement <16 x float> poison, float %v141, i64 0
  %v164 = shufflevector <16 x float> %v163, <16 x float> poison, <16 x i32> zeroinitializer
  br label %loop152
loop152:
  %v156 = phi i64 [ 0, %after64 ], [ %v201, %next154 ]
  %v157 = phi <16 x float> [ splat (float 0x8000000000000000), %after64 ], [ %v198, %next154 ]
  ; #line 3
  %v158 = icmp slt i64 %v156, %v151
  br i1 %v158, label %body153, label %after155
body153:
  ; #line 2
  %v161 = getelementptr float, ptr %v160, i64 %v156
  %v162 = load <16 x float>, ptr %v161, align 4
  ; #line 5
  %v165 = fsub <16 x float> %v162, %v164
  ; #line 6
  %v166 = fcmp ogt <16 x float> %v165, splat (float 0x4056800000000000)
  %v167 = select <16 x i1> %v166, <16 x float> splat (float 0x4056800000000000), <16 x float> %v165
  %v168 = fcmp olt <16 x float> %v167, splat (float 0xC05A400000000000)
  %v169 = select <16 x i1> %v168, <16 x float> splat (float 0xC05A400000000000), <16 x float> %v167
  %v170 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v169, <16 x float> splat (float 0x3FF7154760000000), <16 x float> splat (float 0x4168001FC0000000))
  %v171 = fadd <16 x float> %v170, splat (float 0xC168001FC0000000)
  %v172 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v171, <16 x float> splat (float 0xBFE62E4300000000), <16 x float> %v169)
  %v173 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v171, <16 x float> splat (float 0x3E205C6100000000), <16 x float> %v172)
  %v174 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v173, <16 x float> splat (float 0x3F56A592A0000000), <16 x float> splat (float 0x3F8123BDE0000000))
  %v175 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v174, <16 x float> %v173, <16 x float> splat (float 0x3FA5558A60000000))
  %v176 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v175, <16 x float> %v173, <16 x float> splat (float 0x3FC55548E0000000))
  %v177 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v176, <16 x float> %v173, <16 x float> splat (float 0x3FDFFFFFC0000000))
  %v178 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v177, <16 x float> %v173, <16 x float> splat (float 0x3FF0000000000000))
  %v179 = call <16 x float> @llvm.fma.v16f32(<16 x float> %v178, <16 x float> %v173, <16 x float> splat (float 0x3FF0000000000000))
  %v180 = bitcast <16 x float> %v170 to <16 x i32>
  %v181 = icmp ult <16 x i32> splat (i32 1), splat (i32 32)
  %v182 = select <16 x i1> %v181, <16 x i32> splat (i32 1), <16 x i32> zeroinitializer
  %v183 = lshr <16 x i32> %v180, %v182
  %v184 = select <16 x i1> %v181, <16 x i32> %v183, <16 x i32> zeroinitializer
  %v185 = sub <16 x i32> %v180, %v184
  %v186 = icmp ult <16 x i32> splat (i32 23), splat (i32 32)
  %v187 = select <16 x i1> %v186, <16 x i32> splat (i32 23), <16 x i32> zeroinitializer
  %v188 = shl <16 x i32> %v185, %v187
  %v189 = select <16 x i1> %v186, <16 x i32> %v188, <16 x i32> zeroinitializer
  %v190 = bitcast <16 x i32> %v189 to <16 x float>
  %v191 = fmul <16 x float> %v179, %v190
  %v192 = icmp ult <16 x i32> splat (i32 23), splat (i32 32)
  %v193 = select <16 x i1> %v192, <16 x i32> splat (i32 23), <16 x i32> zeroinitializer
  %v194 = shl <16 x i32> %v184, %v193
  %v195 = select <16 x i1> %v192, <16 x i32> %v194, <16 x i32> zeroinitializer
  %v196 = bitcast <16 x i32> %v195 to <16 x float>
  %v197 = fmul <16 x float> %v191, %v196
  ; #line 7
  %v198 = fadd <16 x float> %v157, %v197
  ; #line 6
  %v199 = getelementptr i8, ptr %v1, i64 128
  %v200 = getelementptr float, ptr %v199, i64 %v156
  store <16 x float> %v197, ptr %v200, align 4
  br label %next154
next154:
  ; #line 6
  %v201 = add nsw i64 %v156, 16
  br label %loop152
after155:
  ; #line 2
  %v209 = icmp ult i64 %v32, %v12
  %v218 = insertelement <8 x i1> poison, i1 %v209, i64 0
  %v219 = shufflevector <8 x i1> %v218, <8 x i1> poison, <8 x i32> zeroinitializer
  %v221 = mul i64 %v32, %v14
  %v222 = getelementptr float, ptr %v10, i64 %v221
  ; #line 5
  %v225 = insertelement <8 x float> poison, float %v141, i64 0
  %v226 = shufflevector <8 x float> %v225, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 6
  %v228 = load <8 x float>, ptr @"v8f32 90.0", !invariant.load !{}
  %v231 = load <8 x float>, ptr @"v8f32 -105.0", !invariant.load !{}
  %v234 = load <8 x float>, ptr @"v8f32 1.4426950216293335", !invariant.load !{}
  %v235 = load <8 x float>, ptr @"v8f32 12583166.0", !invariant.load !{}
  %v237 = load <8 x float>, ptr @"v8f32 -12583166.0", !invariant.load !{}
  %v239 = load <8 x float>, ptr @"v8f32 -0.6931471824645996", !invariant.load !{}
  %v241 = load <8 x float>, ptr @"v8f32 1.9046542121259336e-09", !invariant.load !{}
  %v243 = load <8 x float>, ptr @"v8f32 0.0013822490582242608", !invariant.load !{}
  %v244 = load <8 x float>, ptr @"v8f32 0.008368953131139278", !invariant.load !{}
  %v246 = load <8 x float>, ptr @"v8f32 0.04166824743151665", !invariant.load !{}
  %v248 = load <8 x float>, ptr @"v8f32 0.166665181517601", !invariant.load !{}
  %v250 = load <8 x float>, ptr @"v8f32 0.4999999403953552", !invariant.load !{}
  %v252 = load <8 x float>, ptr @"v8f32 1.0", !invariant.load !{}
  br label %loop202
loop202:
  %v206 = phi i64 [ %v151, %after155 ], [ %v277, %next204 ]
  %v207 = phi <16 x float> [ %v157, %after155 ], [ %v274, %next204 ]
  ; #line 6
  %v208 = icmp slt i64 %v206, 96
  br i1 %v208, label %body203, label %after205
body203:
  ; #line 2
  %v210 = add i64 0, %v206
  %v211 = sub i64 %v16, %v210
  %v212 = call i64 @llvm.smin.i64(i64 %v211, i64 8)
  %v213 = call i64 @llvm.smax.i64(i64 %v212, i64 0)
  %v214 = trunc i64 %v213 to i32
  %v215 = insertelement <8 x i32> poison, i32 %v214, i64 0
  %v216 = shufflevector <8 x i32> %v215, <8 x i32> poison, <8 x i32> zeroinitializer
  %v217 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v216
  %v220 = and <8 x i1> %v219, %v217
  %v223 = getelementptr float, ptr %v222, i64 %v206
  %v224 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v223, i32 4, <8 x i1> %v220, <8 x float> zeroinitializer)
  ; #line 5
  %v227 = fsub <8 x float> %v224, %v226
  ; #line 6
  %v229 = fcmp ogt <8 x float> %v227, %v228
  %v230 = select <8 x i1> %v229, <8 x float> %v228, <8 x float> %v227
  %v232 = fcmp olt <8 x float> %v230, %v231
  %v233 = select <8 x i1> %v232, <8 x float> %v231, <8 x float> %v230
  %v236 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v233, <8 x float> %v234, <8 x float> %v235)
  %v238 = fadd <8 x float> %v236, %v237
  %v240 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v238, <8 x float> %v239, <8 x float> %v233)
  %v242 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v238, <8 x float> %v241, <8 x float> %v240)
  %v245 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v242, <8 x float> %v243, <8 x float> %v244)
  %v247 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v245, <8 x float> %v242, <8 x float> %v246)
  %v249 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v247, <8 x float> %v242, <8 x float> %v248)
  %v251 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v249, <8 x float> %v242, <8 x float> %v250)
  %v253 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v251, <8 x float> %v242, <8 x float> %v252)
  %v254 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v253, <8 x float> %v242, <8 x float> %v252)
  %v255 = bitcast <8 x float> %v236 to <8 x i32>
  %v256 = icmp ult <8 x i32> splat (i32 1), splat (i32 32)
  %v257 = select <8 x i1> %v256, <8 x i32> splat (i32 1), <8 x i32> zeroinitializer
  %v258 = lshr <8 x i32> %v255, %v257
  %v259 = select <8 x i1> %v256, <8 x i32> %v258, <8 x i32> zeroinitializer
  %v260 = sub <8 x i32> %v255, %v259
  %v261 = icmp ult <8 x i32> splat (i32 23), splat (i32 32)
  %v262 = select <8 x i1> %v261, <8 x i32> splat (i32 23), <8 x i32> zeroinitializer
  %v263 = shl <8 x i32> %v260, %v262
  %v264 = select <8 x i1> %v261, <8 x i32> %v263, <8 x i32> zeroinitializer
  %v265 = bitcast <8 x i32> %v264 to <8 x float>
  %v266 = fmul <8 x float> %v254, %v265
  %v267 = icmp ult <8 x i32> splat (i32 23), splat (i32 32)
  %v268 = select <8 x i1> %v267, <8 x i32> splat (i32 23), <8 x i32> zeroinitializer
  %v269 = shl <8 x i32> %v259, %v268
  %v270 = select <8 x i1> %v267, <8 x i32> %v269, <8 x i32> zeroinitializer
  %v271 = bitcast <8 x i32> %v270 to <8 x float>
  %v272 = fmul <8 x float> %v266, %v271
  ; #line 7
  %v273 = shufflevector <8 x float> %v272, <8 x float> splat (float 0x8000000000000000), <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8>
  %v274 = fadd <16 x float> %v207, %v273
  ; #line 6
  %v275 = getelementptr i8, ptr %v1, i64 128
  %v276 = getelementptr float, ptr %v275, i64 %v206
  store <8 x float> %v272, ptr %v276, align 4
  br label %next204
next204:
  ; #line 6
  %v277 = add nsw i64 %v206, 8
  br label %loop202
after205:
  ; #line 2
  %v278 = icmp ult i64 %v32, %v12
  %v287 = insertelement <4 x i1> poison, i1 %v278, i64 0
  %v288 = shufflevector <4 x i1> %v287, <4 x i1> poison, <4 x i32> zeroinitializer
  %v290 = mul i64 %v32, %v14
  %v291 = getelementptr float, ptr %v10, i64 %v290
  ; #line 5
  %v294 = insertelement <4 x float> poison, float %v141, i64 0
  %v295 = shufflevector <4 x float> %v294, <4 x float> poison, <4 x i32> zeroinitializer
  ; #line 2
  %v279 = add i64 0, 96
  %v280 = sub i64 %v16, %v279
  %v281 = call i64 @llvm.smin.i64(i64 %v280, i64 4)
  %v282 = call i64 @llvm.smax.i64(i64 %v281, i64 0)
  %v283 = trunc i64 %v282 to i32
  %v284 = insertelement <4 x i32> poison, i32 %v283, i64 0
  %v285 = shufflevector <4 x i32> %v284, <4 x i32> poison, <4 x i32> zeroinitializer
  %v286 = icmp ult <4 x i32> <i32 0, i32 1, i32 2, i32 3>, %v285
  %v289 = and <4 x i1> %v288, %v286
  %v292 = getelementptr float, ptr %v291, i64 96
  %v293 = call <4 x float> @llvm.masked.load.v4f32.p0(ptr %v292, i32 4, <4 x i1> %v289, <4 x float> zeroinitializer)
  ; #line 5
  %v296 = fsub <4 x float> %v293, %v295
  ; #line 6
  %v297 = fcmp ogt <4 x float> %v296, splat (float 0x4056800000000000)
  %v298 = select <4 x i1> %v297, <4 x float> splat (float 0x4056800000000000), <4 x float> %v296
  %v299 = fcmp olt <4 x float> %v298, splat (float 0xC05A400000000000)
  %v300 = select <4 x i1> %v299, <4 x float> splat (float 0xC05A400000000000), <4 x float> %v298
  %v301 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v300, <4 x float> splat (float 0x3FF7154760000000), <4 x float> splat (float 0x4168001FC0000000))
  %v302 = fadd <4 x float> %v301, splat (float 0xC168001FC0000000)
  %v303 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v302, <4 x float> splat (float 0xBFE62E4300000000), <4 x float> %v300)
  %v304 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v302, <4 x float> splat (float 0x3E205C6100000000), <4 x float> %v303)
  %v305 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v304, <4 x float> splat (float 0x3F56A592A0000000), <4 x float> splat (float 0x3F8123BDE0000000))
  %v306 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v305, <4 x float> %v304, <4 x float> splat (float 0x3FA5558A60000000))
  %v307 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v306, <4 x float> %v304, <4 x float> splat (float 0x3FC55548E0000000))
  %v308 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v307, <4 x float> %v304, <4 x float> splat (float 0x3FDFFFFFC0000000))
  %v309 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v308, <4 x float> %v304, <4 x float> splat (float 0x3FF0000000000000))
  %v310 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v309, <4 x float> %v304, <4 x float> splat (float 0x3FF0000000000000))
  %v311 = bitcast <4 x float> %v301 to <4 x i32>
  %v312 = icmp ult <4 x i32> splat (i32 1), splat (i32 32)
  %v313 = select <4 x i1> %v312, <4 x i32> splat (i32 1), <4 x i32> zeroinitializer
  %v314 = lshr <4 x i32> %v311, %v313
  %v315 = select <4 x i1> %v312, <4 x i32> %v314, <4 x i32> zeroinitializer
  %v316 = sub <4 x i32> %v311, %v315
  %v317 = icmp ult <4 x i32> splat (i32 23), splat (i32 32)
  %v318 = select <4 x i1> %v317, <4 x i32> splat (i32 23), <4 x i32> zeroinitializer
  %v319 = shl <4 x i32> %v316, %v318
  %v320 = select <4 x i1> %v317, <4 x i32> %v319, <4 x i32> zeroinitializer
  %v321 = bitcast <4 x i32> %v320 to <4 x float>
  %v322 = fmul <4 x float> %v310, %v321
  %v323 = icmp ult <4 x i32> splat (i32 23), splat (i32 32)
  %v324 = select <4 x i1> %v323, <4 x i32> splat (i32 23), <4 x i32> zeroinitializer
  %v325 = shl <4 x i32> %v315, %v324
  %v326 = select <4 x i1> %v323, <4 x i32> %v325, <4 x i32> zeroinitializer
  %v327 = bitcast <4 x i32> %v326 to <4 x float>
  %v328 = fmul <4 x float> %v322, %v327
  ; #line 7
  %v329 = shufflevector <4 x float> %v328, <4 x float> splat (float 0x8000000000000000), <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4>
  %v330 = fadd <16 x float> %v207, %v329
  ; #line 6
  %v331 = getelementptr i8, ptr %v1, i64 128
  %v332 = getelementptr float, ptr %v331, i64 96
  store <4 x float> %v328, ptr %v332, align 4
  %v333 = shufflevector <16 x float> %v330, <16 x float> splat (float 0x8000000000000000), <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v334 = shufflevector <16 x float> %v330, <16 x float> splat (float 0x8000000000000000), <8 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v335 = fadd <8 x float> %v333, %v334
  %v336 = shufflevector <8 x float> %v335, <8 x float> splat (float 0x8000000000000000), <4 x i32> <i32 0, i32 1, i32 2, i32 3>
  %v337 = shufflevector <8 x float> %v335, <8 x float> splat (float 0x8000000000000000), <4 x i32> <i32 4, i32 5, i32 6, i32 7>
  %v338 = fadd <4 x float> %v336, %v337
  %v339 = shufflevector <4 x float> %v338, <4 x float> splat (float 0x8000000000000000), <2 x i32> <i32 0, i32 1>
  %v340 = shufflevector <4 x float> %v338, <4 x float> splat (float 0x8000000000000000), <2 x i32> <i32 2, i32 3>
  %v341 = fadd <2 x float> %v339, %v340
  %v342 = shufflevector <2 x float> %v341, <2 x float> splat (float 0x8000000000000000), <1 x i32> <i32 0>
  %v343 = shufflevector <2 x float> %v341, <2 x float> splat (float 0x8000000000000000), <1 x i32> <i32 1>
  %v344 = fadd <1 x float> %v342, %v343
  %v345 = extractelement <1 x float> %v344, i64 0
  ; #line 6
  %v346 = icmp ult i64 %v32, %v20
  %v347 = sub i64 %v24, 0
  %v348 = icmp sge i64 0, 0
  %v349 = select i1 %v346, i64 100, i64 0
  %v350 = select i1 %v348, i64 %v347, i64 0
  %v351 = call i64 @llvm.smin.i64(i64 %v349, i64 %v350)
  %v352 = call i64 @llvm.smin.i64(i64 %v351, i64 100)
  %v353 = call i64 @llvm.smax.i64(i64 %v352, i64 0)
  %v354 = udiv i64 %v353, 32
  %v355 = mul i64 %v354, 32
  ; #line 9
  %v365 = insertelement <32 x float> poison, float %v345, i64 0
  %v366 = shufflevector <32 x float> %v365, <32 x float> poison, <32 x i32> zeroinitializer
  ; #line 11
  %v368 = mul i64 %v32, %v22
  %v369 = getelementptr float, ptr %v18, i64 %v368
  br label %loop356
loop356:
  %v360 = phi i64 [ 0, %after205 ], [ %v371, %next358 ]
  ; #line 6
  %v361 = icmp slt i64 %v360, %v355
  br i1 %v361, label %body357, label %after359
body357:
  ; #line 6
  %v362 = getelementptr i8, ptr %v1, i64 128
  %v363 = getelementptr float, ptr %v362, i64 %v360
  %v364 = load <32 x float>, ptr %v363, align 4
  ; #line 9
  %v367 = fdiv <32 x float> %v364, %v366
  ; #line 11
  %v370 = getelementptr float, ptr %v369, i64 %v360
  store <32 x float> %v367, ptr %v370, align 4
  br label %next358
next358:
  ; #line 11
  %v371 = add nsw i64 %v360, 32
  br label %loop356
after359:
  ; #line 9
  %v381 = insertelement <8 x float> poison, float %v345, i64 0
  %v382 = shufflevector <8 x float> %v381, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 11
  %v384 = icmp ult i64 %v32, %v20
  %v393 = insertelement <8 x i1> poison, i1 %v384, i64 0
  %v394 = shufflevector <8 x i1> %v393, <8 x i1> poison, <8 x i32> zeroinitializer
  %v396 = mul i64 %v32, %v22
  %v397 = getelementptr float, ptr %v18, i64 %v396
  br label %loop372
loop372:
  %v376 = phi i64 [ %v355, %after359 ], [ %v399, %next374 ]
  ; #line 11
  %v377 = icmp slt i64 %v376, 96
  br i1 %v377, label %body373, label %after375
body373:
  ; #line 6
  %v378 = getelementptr i8, ptr %v1, i64 128
  %v379 = getelementptr float, ptr %v378, i64 %v376
  %v380 = load <8 x float>, ptr %v379, align 4
  ; #line 9
  %v383 = fdiv <8 x float> %v380, %v382
  ; #line 11
  %v385 = add i64 0, %v376
  %v386 = sub i64 %v24, %v385
  %v387 = call i64 @llvm.smin.i64(i64 %v386, i64 8)
  %v388 = call i64 @llvm.smax.i64(i64 %v387, i64 0)
  %v389 = trunc i64 %v388 to i32
  %v390 = insertelement <8 x i32> poison, i32 %v389, i64 0
  %v391 = shufflevector <8 x i32> %v390, <8 x i32> poison, <8 x i32> zeroinitializer
  %v392 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v391
  %v395 = and <8 x i1> %v394, %v392
  %v398 = getelementptr float, ptr %v397, i64 %v376
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v383, ptr %v398, i32 4, <8 x i1> %v395)
  br label %next374
next374:
  ; #line 11
  %v399 = add nsw i64 %v376, 8
  br label %loop372
after375:
  ; #line 9
  %v403 = insertelement <4 x float> poison, float %v345, i64 0
  %v404 = shufflevector <4 x float> %v403, <4 x float> poison, <4 x i32> zeroinitializer
  ; #line 11
  %v406 = icmp ult i64 %v32, %v20
  %v415 = insertelement <4 x i1> poison, i1 %v406, i64 0
  %v416 = shufflevector <4 x i1> %v415, <4 x i1> poison, <4 x i32> zeroinitializer
  %v418 = mul i64 %v32, %v22
  %v419 = getelementptr float, ptr %v18, i64 %v418
  ; #line 6
  %v400 = getelementptr i8, ptr %v1, i64 128
  %v401 = getelementptr float, ptr %v400, i64 96
  %v402 = load <4 x float>, ptr %v401, align 4
  ; #line 9
  %v405 = fdiv <4 x float> %v402, %v404
  ; #line 11
  %v407 = add i64 0, 96
  %v408 = sub i64 %v24, %v407
  %v409 = call i64 @llvm.smin.i64(i64 %v408, i64 4)
  %v410 = call i64 @llvm.smax.i64(i64 %v409, i64 0)
  %v411 = trunc i64 %v410 to i32
  %v412 = insertelement <4 x i32> poison, i32 %v411, i64 0
  %v413 = shufflevector <4 x i32> %v412, <4 x i32> poison, <4 x i32> zeroinitializer
  %v414 = icmp ult <4 x i32> <i32 0, i32 1, i32 2, i32 3>, %v413
  %v417 = and <4 x i1> %v416, %v414
  %v420 = getelementptr float, ptr %v419, i64 96
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v405, ptr %v420, i32 4, <4 x i1> %v417)
  ; #line 12
  br label %next27
next27:
  ; #line 12
  %v421 = add nsw i64 %v29, 1
  br label %loop25
after28:
  ; #line 12
  ret i32 0
failed:
  ret i32 1
}

declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <8 x float> @llvm.masked.load.v8f32.p0(ptr, i32, <8 x i1>, <8 x float>)
declare <4 x float> @llvm.masked.load.v4f32.p0(ptr, i32, <4 x i1>, <4 x float>)
declare <16 x float> @llvm.fma.v16f32(<16 x float>, <16 x float>, <16 x float>)
@"v8f32 90.0" = internal externally_initialized constant <8 x float> splat (float 0x4056800000000000), align 32
@"v8f32 -105.0" = internal externally_initialized constant <8 x float> splat (float 0xC05A400000000000), align 32
@"v8f32 1.4426950216293335" = internal externally_initialized constant <8 x float> splat (float 0x3FF7154760000000), align 32
@"v8f32 12583166.0" = internal externally_initialized constant <8 x float> splat (float 0x4168001FC0000000), align 32
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
@"v8f32 -12583166.0" = internal externally_initialized constant <8 x float> splat (float 0xC168001FC0000000), align 32
@"v8f32 -0.6931471824645996" = internal externally_initialized constant <8 x float> splat (float 0xBFE62E4300000000), align 32
@"v8f32 1.9046542121259336e-09" = internal externally_initialized constant <8 x float> splat (float 0x3E205C6100000000), align 32
@"v8f32 0.0013822490582242608" = internal externally_initialized constant <8 x float> splat (float 0x3F56A592A0000000), align 32
@"v8f32 0.008368953131139278" = internal externally_initialized constant <8 x float> splat (float 0x3F8123BDE0000000), align 32
@"v8f32 0.04166824743151665" = internal externally_initialized constant <8 x float> splat (float 0x3FA5558A60000000), align 32
@"v8f32 0.166665181517601" = internal externally_initialized constant <8 x float> splat (float 0x3FC55548E0000000), align 32
@"v8f32 0.4999999403953552" = internal externally_initialized constant <8 x float> splat (float 0x3FDFFFFFC0000000), align 32
@"v8f32 1.0" = internal externally_initialized constant <8 x float> splat (float 0x3FF0000000000000), align 32
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32, <8 x i1>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
