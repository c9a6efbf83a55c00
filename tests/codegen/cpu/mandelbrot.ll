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
  %v18 = load float, ptr %v17, align 8, !invariant.load !{}
  %v19 = getelementptr i8, ptr %arguments, i64 72
  %v20 = load float, ptr %v19, align 8, !invariant.load !{}
  %v21 = getelementptr i8, ptr %arguments, i64 80
  %v22 = load float, ptr %v21, align 8, !invariant.load !{}
  %v23 = getelementptr i8, ptr %arguments, i64 88
  %v24 = load float, ptr %v23, align 8, !invariant.load !{}
  br label %loop25
loop25:
  %v29 = phi i64 [ %first, %entry ], [ %v193, %next27 ]
  %v30 = icmp slt i64 %v29, %last
  br i1 %v30, label %body26, label %after28
body26:
  %v31 = udiv i64 %v29, %v4
  %v32 = urem i64 %v29, %v4
  %v33 = urem i64 %v31, %v6
  %v34 = udiv i64 %v31, %v6
  ; #line 3
  %v35 = mul i64 %v32, 64
  ; #line 13
  %v36 = sitofp i64 %v33 to float
  ; #line 15
  %v37 = call float @llvm.fma.f32(float %v24, float %v36, float %v20)
  ; #line 7
  %v46 = insertelement <8 x i64> poison, i64 %v35, i64 0
  %v47 = shufflevector <8 x i64> %v46, <8 x i64> poison, <8 x i32> zeroinitializer
  ; #line 12
  %v50 = insertelement <8 x float> poison, float %v22, i64 0
  %v51 = shufflevector <8 x float> %v50, <8 x float> poison, <8 x i32> zeroinitializer
  %v52 = insertelement <8 x float> poison, float %v18, i64 0
  %v53 = shufflevector <8 x float> %v52, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 17
  %v55 = load <8 x float>, ptr @"v8f32 0.0", !invariant.load !{}
  ; #line 28
  %v67 = load <8 x float>, ptr @"v8f32 4.0", !invariant.load !{}
  ; #line 36
  %v103 = load <8 x float>, ptr @"v8f32 2.0", !invariant.load !{}
  ; #line 39
  %v105 = insertelement <8 x float> poison, float %v37, i64 0
  %v106 = shufflevector <8 x float> %v105, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 43
  %v142 = icmp ult i64 %v33, %v12
  ; #line 7
  %v143 = add i64 %v35, 0
  ; #line 43
  %v160 = insertelement <8 x i1> poison, i1 %v142, i64 0
  %v161 = shufflevector <8 x i1> %v160, <8 x i1> poison, <8 x i32> zeroinitializer
  %v163 = mul i64 %v33, %v14
  %v164 = add i64 %v163, %v143
  %v165 = getelementptr i32, ptr %v10, i64 %v164
  %v167 = icmp ult i64 %v33, %v12
  %v184 = insertelement <8 x i1> poison, i1 %v167, i64 0
  %v185 = shufflevector <8 x i1> %v184, <8 x i1> poison, <8 x i32> zeroinitializer
  %v187 = mul i64 %v33, %v14
  %v188 = add i64 %v187, %v143
  %v189 = getelementptr i32, ptr %v10, i64 %v188
  br label %loop38
loop38:
  %v42 = phi i64 [ 0, %body26 ], [ %v191, %next40 ]
  br label %body39
body39:
  ; #line 6
  %v43 = insertelement <8 x i64> poison, i64 %v42, i64 0
  %v44 = shufflevector <8 x i64> %v43, <8 x i64> poison, <8 x i32> zeroinitializer
  %v45 = add <8 x i64> %v44, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>
  ; #line 7
  %v48 = add <8 x i64> %v47, %v45
  ; #line 9
  %v49 = sitofp <8 x i64> %v48 to <8 x float>
  ; #line 12
  %v54 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v51, <8 x float> %v49, <8 x float> %v53)
  ; #line 17
  %v56 = fmul <8 x float> %v54, %v55
  ; #line 21
  %v57 = add i64 %v42, 8
  ; #line 6
  %v58 = insertelement <8 x i64> poison, i64 %v57, i64 0
  %v59 = shufflevector <8 x i64> %v58, <8 x i64> poison, <8 x i32> zeroinitializer
  %v60 = add <8 x i64> %v59, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>
  ; #line 7
  %v61 = add <8 x i64> %v47, %v60
  ; #line 9
  %v62 = sitofp <8 x i64> %v61 to <8 x float>
  ; #line 12
  %v63 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v51, <8 x float> %v62, <8 x float> %v53)
  ; #line 17
  %v64 = fmul <8 x float> %v63, %v55
  ; #line 25
  %v65 = fmul <8 x float> %v56, %v56
  ; #line 26
  %v66 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v56, <8 x float> %v56, <8 x float> %v65)
  ; #line 28
  %v68 = fcmp olt <8 x float> %v66, %v67
  ; #line 21
  %v69 = sext <8 x i1> %v68 to <8 x i32>
  ; #line 25
  %v70 = fmul <8 x float> %v64, %v64
  ; #line 26
  %v71 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v64, <8 x float> %v64, <8 x float> %v70)
  ; #line 28
  %v72 = fcmp olt <8 x float> %v71, %v67
  ; #line 21
  %v73 = sext <8 x i1> %v72 to <8 x i32>
  %v74 = or <8 x i1> %v68, %v72
  %v75 = bitcast <8 x i1> %v74 to i8
  %v76 = icmp ne i8 %v75, 0
  br i1 %v76, label %then78, label %else131
then78:
  br label %loop79
loop79:
  %v83 = phi <8 x float> [ %v56, %then78 ], [ %v98, %next81 ]
  %v84 = phi <8 x float> [ %v64, %then78 ], [ %v102, %next81 ]
  %v85 = phi <8 x float> [ %v56, %then78 ], [ %v107, %next81 ]
  %v86 = phi <8 x float> [ %v64, %then78 ], [ %v109, %next81 ]
  %v87 = phi <8 x i32> [ splat (i32 0), %then78 ], [ %v93, %next81 ]
  %v88 = phi <8 x i32> [ splat (i32 0), %then78 ], [ %v94, %next81 ]
  %v89 = phi <8 x i32> [ %v69, %then78 ], [ %v117, %next81 ]
  %v90 = phi <8 x i32> [ %v73, %then78 ], [ %v125, %next81 ]
  br label %body80
body80:
  ; #line 21
  %v91 = icmp slt <8 x i32> %v89, zeroinitializer
  %v92 = icmp slt <8 x i32> %v90, zeroinitializer
  %v93 = sub <8 x i32> %v87, %v89
  %v94 = sub <8 x i32> %v88, %v90
  ; #line 32
  %v95 = fmul <8 x float> %v85, %v85
  ; #line 33
  %v96 = fneg <8 x float> %v95
  %v97 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v83, <8 x float> %v83, <8 x float> %v96)
  ; #line 34
  %v98 = fadd <8 x float> %v97, %v54
  ; #line 32
  %v99 = fmul <8 x float> %v86, %v86
  ; #line 33
  %v100 = fneg <8 x float> %v99
  %v101 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v84, <8 x float> %v84, <8 x float> %v100)
  ; #line 34
  %v102 = fadd <8 x float> %v101, %v63
  ; #line 36
  %v104 = fmul <8 x float> %v83, %v103
  ; #line 39
  %v107 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v104, <8 x float> %v85, <8 x float> %v106)
  ; #line 36
  %v108 = fmul <8 x float> %v84, %v103
  ; #line 39
  %v109 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v108, <8 x float> %v86, <8 x float> %v106)
  ; #line 23
  %v110 = icmp slt <8 x i32> %v93, splat (i32 50)
  ; #line 25
  %v111 = fmul <8 x float> %v107, %v107
  ; #line 26
  %v112 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v98, <8 x float> %v98, <8 x float> %v111)
  ; #line 28
  %v113 = fcmp olt <8 x float> %v112, %v67
  ; #line 29
  %v114 = and <8 x i1> %v110, %v113
  ; #line 30
  %v115 = and <8 x i1> %v91, %v114
  %v116 = sext <8 x i1> %v114 to <8 x i32>
  %v117 = and <8 x i32> %v89, %v116
  ; #line 23
  %v118 = icmp slt <8 x i32> %v94, splat (i32 50)
  ; #line 25
  %v119 = fmul <8 x float> %v109, %v109
  ; #line 26
  %v120 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v102, <8 x float> %v102, <8 x float> %v119)
  ; #line 28
  %v121 = fcmp olt <8 x float> %v120, %v67
  ; #line 29
  %v122 = and <8 x i1> %v118, %v121
  ; #line 30
  %v123 = and <8 x i1> %v92, %v122
  %v124 = sext <8 x i1> %v122 to <8 x i32>
  %v125 = and <8 x i32> %v90, %v124
  br label %next81
next81:
  ; #line 30
  %v126 = icmp slt <8 x i32> %v117, zeroinitializer
  %v127 = icmp slt <8 x i32> %v125, zeroinitializer
  %v128 = or <8 x i1> %v126, %v127
  %v129 = bitcast <8 x i1> %v128 to i8
  %v130 = icmp ne i8 %v129, 0
  br i1 %v130, label %loop79, label %after82
after82:
  br label %join77
else131:
  br label %join77
join77:
  ; #line 30
  %v132 = phi <8 x float> [ %v98, %after82 ], [ %v56, %else131 ]
  %v133 = phi <8 x float> [ %v102, %after82 ], [ %v64, %else131 ]
  %v134 = phi <8 x float> [ %v107, %after82 ], [ %v56, %else131 ]
  %v135 = phi <8 x float> [ %v109, %after82 ], [ %v64, %else131 ]
  %v136 = phi <8 x i32> [ %v93, %after82 ], [ splat (i32 0), %else131 ]
  %v137 = phi <8 x i32> [ %v94, %after82 ], [ splat (i32 0), %else131 ]
  %v138 = phi <8 x i32> [ %v117, %after82 ], [ %v69, %else131 ]
  %v139 = phi <8 x i32> [ %v125, %after82 ], [ %v73, %else131 ]
  %v140 = icmp slt <8 x i32> %v138, zeroinitializer
  %v141 = icmp slt <8 x i32> %v139, zeroinitializer
  ; #line 43
  %v144 = add i64 %v143, %v42
  %v145 = sub i64 %v16, %v144
  %v146 = sub i64 0, %v144
  %v147 = call i64 @llvm.smin.i64(i64 %v145, i64 8)
  %v148 = call i64 @llvm.smax.i64(i64 %v147, i64 0)
  %v149 = trunc i64 %v148 to i32
  %v150 = insertelement <8 x i32> poison, i32 %v149, i64 0
  %v151 = shufflevector <8 x i32> %v150, <8 x i32> poison, <8 x i32> zeroinitializer
  %v152 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v151
  %v153 = call i64 @llvm.smin.i64(i64 %v146, i64 8)
  %v154 = call i64 @llvm.smax.i64(i64 %v153, i64 0)
  %v155 = trunc i64 %v154 to i32
  %v156 = insertelement <8 x i32> poison, i32 %v155, i64 0
  %v157 = shufflevector <8 x i32> %v156, <8 x i32> poison, <8 x i32> zeroinitializer
  %v158 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v157
  %v159 = and <8 x i1> %v152, %v158
  %v162 = and <8 x i1> %v161, %v159
  %v166 = getelementptr i32, ptr %v165, i64 %v42
  call void @llvm.masked.store.v8i32.p0(<8 x i32> %v136, ptr %v166, i32 4, <8 x i1> %v162)
  %v168 = add i64 %v143, %v57
  %v169 = sub i64 %v16, %v168
  %v170 = sub i64 0, %v168
  %v171 = call i64 @llvm.smin.i64(i64 %v169, i64 8)
  %v172 = call i64 @llvm.smax.i64(i64 %v171, i64 0)
  %v173 = trunc i64 %v172 to i32
  %v174 = insertelement <8 x i32> poison, i32 %v173, i64 0
  %v175 = shufflevector <8 x i32> %v174, <8 x i32> poison, <8 x i32> zeroinitializer
  %v176 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v175
  %v177 = call i64 @llvm.smin.i64(i64 %v170, i64 8)
  %v178 = call i64 @llvm.smax.i64(i64 %v177, i64 0)
  %v179 = trunc i64 %v178 to i32
  %v180 = insertelement <8 x i32> poison, i32 %v179, i64 0
  %v181 = shufflevector <8 x i32> %v180, <8 x i32> poison, <8 x i32> zeroinitializer
  %v182 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v181
  %v183 = and <8 x i1> %v176, %v182
  %v186 = and <8 x i1> %v185, %v183
  %v190 = getelementptr i32, ptr %v189, i64 %v57
  call void @llvm.masked.store.v8i32.p0(<8 x i32> %v137, ptr %v190, i32 4, <8 x i1> %v186)
  br label %next40
next40:
  ; #line 43
  %v191 = add nsw i64 %v42, 16
  %v192 = icmp slt i64 %v191, 64
  br i1 %v192, label %loop38, label %after41
after41:
  ; #line 44
  br label %next27
next27:
  ; #line 44
  %v193 = add nsw i64 %v29, 1
  br label %loop25
after28:
  ; #line 44
  ret i32 0
failed:
  ret i32 1
}

declare float @llvm.fma.f32(float, float, float)
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
@"v8f32 0.0" = internal externally_initialized constant <8 x float> splat (float 0x0000000000000000), align 32
@"v8f32 4.0" = internal externally_initialized constant <8 x float> splat (float 0x4010000000000000), align 32
@"v8f32 2.0" = internal externally_initialized constant <8 x float> splat (float 0x4000000000000000), align 32
declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare void @llvm.masked.store.v8i32.p0(<8 x i32>, ptr, i32, <8 x i1>)

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
