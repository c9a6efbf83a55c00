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
  %v29 = phi i64 [ %first, %entry ], [ %v408, %next27 ]
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
  br label %loop202
loop202:
  %v206 = phi i64 [ %v151, %after155 ], [ %v264, %next204 ]
  %v207 = phi <16 x float> [ %v157, %after155 ], [ %v261, %next204 ]
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
  %v228 = fcmp ogt <8 x float> %v227, splat (float 0x4056800000000000)
  %v229 = select <8 x i1> %v228, <8 x float> splat (float 0x4056800000000000), <8 x float> %v227
  %v230 = fcmp olt <8 x float> %v229, splat (float 0xC05A400000000000)
  %v231 = select <8 x i1> %v230, <8 x float> splat (float 0xC05A400000000000), <8 x float> %v229
  %v232 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v231, <8 x float> splat (float 0x3FF7154760000000), <8 x float> splat (float 0x4168001FC0000000))
  %v233 = fadd <8 x float> %v232, splat (float 0xC168001FC0000000)
  %v234 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v233, <8 x float> splat (float 0xBFE62E4300000000), <8 x float> %v231)
  %v235 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v233, <8 x float> splat (float 0x3E205C6100000000), <8 x float> %v234)
  %v236 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v235, <8 x float> splat (float 0x3F56A592A0000000), <8 x float> splat (float 0x3F8123BDE0000000))
  %v237 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v236, <8 x float> %v235, <8 x float> splat (float 0x3FA5558A60000000))
  %v238 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v237, <8 x float> %v235, <8 x float> splat (float 0x3FC55548E0000000))
  %v239 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v238, <8 x float> %v235, <8 x float> splat (float 0x3FDFFFFFC0000000))
  %v240 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v239, <8 x float> %v235, <8 x float> splat (float 0x3FF0000000000000))
  %v241 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v240, <8 x float> %v235, <8 x float> splat (float 0x3FF0000000000000))
  %v242 = bitcast <8 x float> %v232 to <8 x i32>
  %v243 = icmp ult <8 x i32> splat (i32 1), splat (i32 32)
  %v244 = select <8 x i1> %v243, <8 x i32> splat (i32 1), <8 x i32> zeroinitializer
  %v245 = lshr <8 x i32> %v242, %v244
  %v246 = select <8 x i1> %v243, <8 x i32> %v245, <8 x i32> zeroinitializer
  %v247 = sub <8 x i32> %v242, %v246
  %v248 = icmp ult <8 x i32> splat (i32 23), splat (i32 32)
  %v249 = select <8 x i1> %v248, <8 x i32> splat (i32 23), <8 x i32> zeroinitializer
  %v250 = shl <8 x i32> %v247, %v249
  %v251 = select <8 x i1> %v248, <8 x i32> %v250, <8 x i32> zeroinitializer
  %v252 = bitcast <8 x i32> %v251 to <8 x float>
  %v253 = fmul <8 x float> %v241, %v252
  %v254 = icmp ult <8 x i32> splat (i32 23), splat (i32 32)
  %v255 = select <8 x i1> %v254, <8 x i32> splat (i32 23), <8 x i32> zeroinitializer
  %v256 = shl <8 x i32> %v246, %v255
  %v257 = select <8 x i1> %v254, <8 x i32> %v256, <8 x i32> zeroinitializer
  %v258 = bitcast <8 x i32> %v257 to <8 x float>
  %v259 = fmul <8 x float> %v253, %v258
  ; #line 7
  %v260 = shufflevector <8 x float> %v259, <8 x float> splat (float 0x8000000000000000), <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8, i32 8>
  %v261 = fadd <16 x float> %v207, %v260
  ; #line 6
  %v262 = getelementptr i8, ptr %v1, i64 128
  %v263 = getelementptr float, ptr %v262, i64 %v206
  store <8 x float> %v259, ptr %v263, align 4
  br label %next204
next204:
  ; #line 6
  %v264 = add nsw i64 %v206, 8
  br label %loop202
after205:
  ; #line 2
  %v265 = icmp ult i64 %v32, %v12
  %v274 = insertelement <4 x i1> poison, i1 %v265, i64 0
  %v275 = shufflevector <4 x i1> %v274, <4 x i1> poison, <4 x i32> zeroinitializer
  %v277 = mul i64 %v32, %v14
  %v278 = getelementptr float, ptr %v10, i64 %v277
  ; #line 5
  %v281 = insertelement <4 x float> poison, float %v141, i64 0
  %v282 = shufflevector <4 x float> %v281, <4 x float> poison, <4 x i32> zeroinitializer
  ; #line 2
  %v266 = add i64 0, 96
  %v267 = sub i64 %v16, %v266
  %v268 = call i64 @llvm.smin.i64(i64 %v267, i64 4)
  %v269 = call i64 @llvm.smax.i64(i64 %v268, i64 0)
  %v270 = trunc i64 %v269 to i32
  %v271 = insertelement <4 x i32> poison, i32 %v270, i64 0
  %v272 = shufflevector <4 x i32> %v271, <4 x i32> poison, <4 x i32> zeroinitializer
  %v273 = icmp ult <4 x i32> <i32 0, i32 1, i32 2, i32 3>, %v272
  %v276 = and <4 x i1> %v275, %v273
  %v279 = getelementptr float, ptr %v278, i64 96
  %v280 = call <4 x float> @llvm.masked.load.v4f32.p0(ptr %v279, i32 4, <4 x i1> %v276, <4 x float> zeroinitializer)
  ; #line 5
  %v283 = fsub <4 x float> %v280, %v282
  ; #line 6
  %v284 = fcmp ogt <4 x float> %v283, splat (float 0x4056800000000000)
  %v285 = select <4 x i1> %v284, <4 x float> splat (float 0x4056800000000000), <4 x float> %v283
  %v286 = fcmp olt <4 x float> %v285, splat (float 0xC05A400000000000)
  %v287 = select <4 x i1> %v286, <4 x float> splat (float 0xC05A400000000000), <4 x float> %v285
  %v288 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v287, <4 x float> splat (float 0x3FF7154760000000), <4 x float> splat (float 0x4168001FC0000000))
  %v289 = fadd <4 x float> %v288, splat (float 0xC168001FC0000000)
  %v290 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v289, <4 x float> splat (float 0xBFE62E4300000000), <4 x float> %v287)
  %v291 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v289, <4 x float> splat (float 0x3E205C6100000000), <4 x float> %v290)
  %v292 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v291, <4 x float> splat (float 0x3F56A592A0000000), <4 x float> splat (float 0x3F8123BDE0000000))
  %v293 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v292, <4 x float> %v291, <4 x float> splat (float 0x3FA5558A60000000))
  %v294 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v293, <4 x float> %v291, <4 x float> splat (float 0x3FC55548E0000000))
  %v295 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v294, <4 x float> %v291, <4 x float> splat (float 0x3FDFFFFFC0000000))
  %v296 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v295, <4 x float> %v291, <4 x float> splat (float 0x3FF0000000000000))
  %v297 = call <4 x float> @llvm.fma.v4f32(<4 x float> %v296, <4 x float> %v291, <4 x float> splat (float 0x3FF0000000000000))
  %v298 = bitcast <4 x float> %v288 to <4 x i32>
  %v299 = icmp ult <4 x i32> splat (i32 1), splat (i32 32)
  %v300 = select <4 x i1> %v299, <4 x i32> splat (i32 1), <4 x i32> zeroinitializer
  %v301 = lshr <4 x i32> %v298, %v300
  %v302 = select <4 x i1> %v299, <4 x i32> %v301, <4 x i32> zeroinitializer
  %v303 = sub <4 x i32> %v298, %v302
  %v304 = icmp ult <4 x i32> splat (i32 23), splat (i32 32)
  %v305 = select <4 x i1> %v304, <4 x i32> splat (i32 23), <4 x i32> zeroinitializer
  %v306 = shl <4 x i32> %v303, %v305
  %v307 = select <4 x i1> %v304, <4 x i32> %v306, <4 x i32> zeroinitializer
  %v308 = bitcast <4 x i32> %v307 to <4 x float>
  %v309 = fmul <4 x float> %v297, %v308
  %v310 = icmp ult <4 x i32> splat (i32 23), splat (i32 32)
  %v311 = select <4 x i1> %v310, <4 x i32> splat (i32 23), <4 x i32> zeroinitializer
  %v312 = shl <4 x i32> %v302, %v311
  %v313 = select <4 x i1> %v310, <4 x i32> %v312, <4 x i32> zeroinitializer
  %v314 = bitcast <4 x i32> %v313 to <4 x float>
  %v315 = fmul <4 x float> %v309, %v314
  ; #line 7
  %v316 = shufflevector <4 x float> %v315, <4 x float> splat (float 0x8000000000000000), <16 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4, i32 4>
  %v317 = fadd <16 x float> %v207, %v316
  ; #line 6
  %v318 = getelementptr i8, ptr %v1, i64 128
  %v319 = getelementptr float, ptr %v318, i64 96
  store <4 x float> %v315, ptr %v319, align 4
  %v320 = shufflevector <16 x float> %v317, <16 x float> splat (float 0x8000000000000000), <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>
  %v321 = shufflevector <16 x float> %v317, <16 x float> splat (float 0x8000000000000000), <8 x i32> <i32 8, i32 9, i32 10, i32 11, i32 12, i32 13, i32 14, i32 15>
  %v322 = fadd <8 x float> %v320, %v321
  %v323 = shufflevector <8 x float> %v322, <8 x float> splat (float 0x8000000000000000), <4 x i32> <i32 0, i32 1, i32 2, i32 3>
  %v324 = shufflevector <8 x float> %v322, <8 x float> splat (float 0x8000000000000000), <4 x i32> <i32 4, i32 5, i32 6, i32 7>
  %v325 = fadd <4 x float> %v323, %v324
  %v326 = shufflevector <4 x float> %v325, <4 x float> splat (float 0x8000000000000000), <2 x i32> <i32 0, i32 1>
  %v327 = shufflevector <4 x float> %v325, <4 x float> splat (float 0x8000000000000000), <2 x i32> <i32 2, i32 3>
  %v328 = fadd <2 x float> %v326, %v327
  %v329 = shufflevector <2 x float> %v328, <2 x float> splat (float 0x8000000000000000), <1 x i32> <i32 0>
  %v330 = shufflevector <2 x float> %v328, <2 x float> splat (float 0x8000000000000000), <1 x i32> <i32 1>
  %v331 = fadd <1 x float> %v329, %v330
  %v332 = extractelement <1 x float> %v331, i64 0
  ; #line 6
  %v333 = icmp ult i64 %v32, %v20
  %v334 = sub i64 %v24, 0
  %v335 = icmp sge i64 0, 0
  %v336 = select i1 %v333, i64 100, i64 0
  %v337 = select i1 %v335, i64 %v334, i64 0
  %v338 = call i64 @llvm.smin.i64(i64 %v336, i64 %v337)
  %v339 = call i64 @llvm.smin.i64(i64 %v338, i64 100)
  %v340 = call i64 @llvm.smax.i64(i64 %v339, i64 0)
  %v341 = udiv i64 %v340, 32
  %v342 = mul i64 %v341, 32
  ; #line 9
  %v352 = insertelement <32 x float> poison, float %v332, i64 0
  %v353 = shufflevector <32 x float> %v352, <32 x float> poison, <32 x i32> zeroinitializer
  ; #line 11
  %v355 = mul i64 %v32, %v22
  %v356 = getelementptr float, ptr %v18, i64 %v355
  br label %loop343
loop343:
  %v347 = phi i64 [ 0, %after205 ], [ %v358, %next345 ]
  ; #line 6
  %v348 = icmp slt i64 %v347, %v342
  br i1 %v348, label %body344, label %after346
body344:
  ; #line 6
  %v349 = getelementptr i8, ptr %v1, i64 128
  %v350 = getelementptr float, ptr %v349, i64 %v347
  %v351 = load <32 x float>, ptr %v350, align 4
  ; #line 9
  %v354 = fdiv <32 x float> %v351, %v353
  ; #line 11
  %v357 = getelementptr float, ptr %v356, i64 %v347
  store <32 x float> %v354, ptr %v357, align 4
  br label %next345
next345:
  ; #line 11
  %v358 = add nsw i64 %v347, 32
  br label %loop343
after346:
  ; #line 9
  %v368 = insertelement <8 x float> poison, float %v332, i64 0
  %v369 = shufflevector <8 x float> %v368, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 11
  %v371 = icmp ult i64 %v32, %v20
  %v380 = insertelement <8 x i1> poison, i1 %v371, i64 0
  %v381 = shufflevector <8 x i1> %v380, <8 x i1> poison, <8 x i32> zeroinitializer
  %v383 = mul i64 %v32, %v22
  %v384 = getelementptr float, ptr %v18, i64 %v383
  br label %loop359
loop359:
  %v363 = phi i64 [ %v342, %after346 ], [ %v386, %next361 ]
  ; #line 11
  %v364 = icmp slt i64 %v363, 96
  br i1 %v364, label %body360, label %after362
body360:
  ; #line 6
  %v365 = getelementptr i8, ptr %v1, i64 128
  %v366 = getelementptr float, ptr %v365, i64 %v363
  %v367 = load <8 x float>, ptr %v366, align 4
  ; #line 9
  %v370 = fdiv <8 x float> %v367, %v369
  ; #line 11
  %v372 = add i64 0, %v363
  %v373 = sub i64 %v24, %v372
  %v374 = call i64 @llvm.smin.i64(i64 %v373, i64 8)
  %v375 = call i64 @llvm.smax.i64(i64 %v374, i64 0)
  %v376 = trunc i64 %v375 to i32
  %v377 = insertelement <8 x i32> poison, i32 %v376, i64 0
  %v378 = shufflevector <8 x i32> %v377, <8 x i32> poison, <8 x i32> zeroinitializer
  %v379 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v378
  %v382 = and <8 x i1> %v381, %v379
  %v385 = getelementptr float, ptr %v384, i64 %v363
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v370, ptr %v385, i32 4, <8 x i1> %v382)
  br label %next361
next361:
  ; #line 11
  %v386 = add nsw i64 %v363, 8
  br label %loop359
after362:
  ; #line 9
  %v390 = insertelement <4 x float> poison, float %v332, i64 0
  %v391 = shufflevector <4 x float> %v390, <4 x float> poison, <4 x i32> zeroinitializer
  ; #line 11
  %v393 = icmp ult i64 %v32, %v20
  %v402 = insertelement <4 x i1> poison, i1 %v393, i64 0
  %v403 = shufflevector <4 x i1> %v402, <4 x i1> poison, <4 x i32> zeroinitializer
  %v405 = mul i64 %v32, %v22
  %v406 = getelementptr float, ptr %v18, i64 %v405
  ; #line 6
  %v387 = getelementptr i8, ptr %v1, i64 128
  %v388 = getelementptr float, ptr %v387, i64 96
  %v389 = load <4 x float>, ptr %v388, align 4
  ; #line 9
  %v392 = fdiv <4 x float> %v389, %v391
  ; #line 11
  %v394 = add i64 0, 96
  %v395 = sub i64 %v24, %v394
  %v396 = call i64 @llvm.smin.i64(i64 %v395, i64 4)
  %v397 = call i64 @llvm.smax.i64(i64 %v396, i64 0)
  %v398 = trunc i64 %v397 to i32
  %v399 = insertelement <4 x i32> poison, i32 %v398, i64 0
  %v400 = shufflevector <4 x i32> %v399, <4 x i32> poison, <4 x i32> zeroinitializer
  %v401 = icmp ult <4 x i32> <i32 0, i32 1, i32 2, i32 3>, %v400
  %v404 = and <4 x i1> %v403, %v401
  %v407 = getelementptr float, ptr %v406, i64 96
  call void @llvm.masked.store.v4f32.p0(<4 x float> %v392, ptr %v407, i32 4, <4 x i1> %v404)
  ; #line 12
  br label %next27
next27:
  ; #line 12
  %v408 = add nsw i64 %v29, 1
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
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
declare <4 x float> @llvm.fma.v4f32(<4 x float>, <4 x float>, <4 x float>)
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32, <8 x i1>)
declare void @llvm.masked.store.v4f32.p0(<4 x float>, ptr, i32, <4 x i1>)

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
