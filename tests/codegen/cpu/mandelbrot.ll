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
  %v29 = phi i64 [ %first, %entry ], [ %v185, %next27 ]
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
  ; #line 15
  %v38 = icmp ult i64 %v33, %v12
  ; #line 7
  %v39 = add i64 %v35, 0
  ; #line 15
  %v40 = sub i64 %v16, %v39
  %v41 = icmp sge i64 %v39, 0
  %v42 = select i1 %v38, i64 64, i64 0
  %v43 = select i1 %v41, i64 %v40, i64 0
  %v44 = call i64 @llvm.smin.i64(i64 %v42, i64 %v43)
  %v45 = call i64 @llvm.smin.i64(i64 %v44, i64 64)
  %v46 = call i64 @llvm.smax.i64(i64 %v45, i64 0)
  %v47 = udiv i64 %v46, 8
  %v48 = mul i64 %v47, 8
  ; #line 7
  %v58 = insertelement <8 x i64> poison, i64 %v35, i64 0
  %v59 = shufflevector <8 x i64> %v58, <8 x i64> poison, <8 x i32> zeroinitializer
  ; #line 12
  %v62 = insertelement <8 x float> poison, float %v22, i64 0
  %v63 = shufflevector <8 x float> %v62, <8 x float> poison, <8 x i32> zeroinitializer
  %v64 = insertelement <8 x float> poison, float %v18, i64 0
  %v65 = shufflevector <8 x float> %v64, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 39
  %v91 = insertelement <8 x float> poison, float %v37, i64 0
  %v92 = shufflevector <8 x float> %v91, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 43
  %v106 = mul i64 %v33, %v14
  %v107 = add i64 %v106, %v39
  %v108 = getelementptr i32, ptr %v10, i64 %v107
  br label %loop49
loop49:
  %v53 = phi i64 [ 0, %body26 ], [ %v110, %next51 ]
  ; #line 15
  %v54 = icmp slt i64 %v53, %v48
  br i1 %v54, label %body50, label %after52
body50:
  ; #line 6
  %v55 = insertelement <8 x i64> poison, i64 %v53, i64 0
  %v56 = shufflevector <8 x i64> %v55, <8 x i64> poison, <8 x i32> zeroinitializer
  %v57 = add <8 x i64> %v56, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>
  ; #line 7
  %v60 = add <8 x i64> %v59, %v57
  ; #line 9
  %v61 = sitofp <8 x i64> %v60 to <8 x float>
  ; #line 12
  %v66 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v63, <8 x float> %v61, <8 x float> %v65)
  ; #line 17
  %v67 = fmul <8 x float> %v66, splat (float 0x0000000000000000)
  ; #line 25
  %v68 = fmul <8 x float> %v67, %v67
  ; #line 26
  %v69 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v67, <8 x float> %v67, <8 x float> %v68)
  ; #line 28
  %v70 = fcmp olt <8 x float> %v69, splat (float 0x4010000000000000)
  ; #line 21
  %v71 = sext <8 x i1> %v70 to <8 x i32>
  br label %loop72
loop72:
  %v76 = phi <8 x float> [ %v67, %body50 ], [ %v102, %next74 ]
  %v77 = phi <8 x float> [ %v67, %body50 ], [ %v103, %next74 ]
  %v78 = phi <8 x i32> [ splat (i32 0), %body50 ], [ %v104, %next74 ]
  %v79 = phi <8 x i32> [ %v71, %body50 ], [ %v101, %next74 ]
  ; #line 21
  %v80 = icmp slt <8 x i32> %v79, zeroinitializer
  %v81 = sext <8 x i1> %v80 to <8 x i32>
  %v82 = icmp slt <8 x i32> %v81, zeroinitializer
  %v83 = bitcast <8 x i1> %v82 to i8
  %v84 = icmp ne i8 %v83, 0
  br i1 %v84, label %body73, label %after75
body73:
  ; #line 21
  %v85 = icmp slt <8 x i32> %v79, zeroinitializer
  ; #line 32
  %v86 = fmul <8 x float> %v77, %v77
  ; #line 33
  %v87 = fneg <8 x float> %v86
  %v88 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v76, <8 x float> %v76, <8 x float> %v87)
  ; #line 34
  %v89 = fadd <8 x float> %v88, %v66
  ; #line 36
  %v90 = fmul <8 x float> %v76, splat (float 0x4000000000000000)
  ; #line 39
  %v93 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v90, <8 x float> %v77, <8 x float> %v92)
  ; #line 41
  %v94 = add <8 x i32> %v78, splat (i32 1)
  ; #line 23
  %v95 = icmp slt <8 x i32> %v94, splat (i32 50)
  ; #line 25
  %v96 = fmul <8 x float> %v93, %v93
  ; #line 26
  %v97 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v89, <8 x float> %v89, <8 x float> %v96)
  ; #line 28
  %v98 = fcmp olt <8 x float> %v97, splat (float 0x4010000000000000)
  ; #line 29
  %v99 = and <8 x i1> %v95, %v98
  ; #line 30
  %v100 = and <8 x i1> %v85, %v99
  %v101 = sext <8 x i1> %v100 to <8 x i32>
  %v102 = select <8 x i1> %v82, <8 x float> %v89, <8 x float> %v76
  %v103 = select <8 x i1> %v82, <8 x float> %v93, <8 x float> %v77
  %v104 = select <8 x i1> %v82, <8 x i32> %v94, <8 x i32> %v78
  br label %next74
next74:
  br label %loop72
after75:
  ; #line 30
  %v105 = icmp slt <8 x i32> %v79, zeroinitializer
  ; #line 43
  %v109 = getelementptr i32, ptr %v108, i64 %v53
  store <8 x i32> %v78, ptr %v109, align 4
  br label %next51
next51:
  ; #line 43
  %v110 = add nsw i64 %v53, 8
  br label %loop49
after52:
  ; #line 43
  %v160 = icmp ult i64 %v33, %v12
  %v177 = insertelement <8 x i1> poison, i1 %v160, i64 0
  %v178 = shufflevector <8 x i1> %v177, <8 x i1> poison, <8 x i32> zeroinitializer
  %v180 = mul i64 %v33, %v14
  %v181 = add i64 %v180, %v39
  %v182 = getelementptr i32, ptr %v10, i64 %v181
  br label %loop111
loop111:
  %v115 = phi i64 [ %v48, %after52 ], [ %v184, %next113 ]
  ; #line 43
  %v116 = icmp slt i64 %v115, 64
  br i1 %v116, label %body112, label %after114
body112:
  ; #line 6
  %v117 = insertelement <8 x i64> poison, i64 %v115, i64 0
  %v118 = shufflevector <8 x i64> %v117, <8 x i64> poison, <8 x i32> zeroinitializer
  %v119 = add <8 x i64> %v118, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>
  ; #line 7
  %v120 = add <8 x i64> %v59, %v119
  ; #line 9
  %v121 = sitofp <8 x i64> %v120 to <8 x float>
  ; #line 12
  %v122 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v63, <8 x float> %v121, <8 x float> %v65)
  ; #line 17
  %v123 = fmul <8 x float> %v122, splat (float 0x0000000000000000)
  ; #line 25
  %v124 = fmul <8 x float> %v123, %v123
  ; #line 26
  %v125 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v123, <8 x float> %v123, <8 x float> %v124)
  ; #line 28
  %v126 = fcmp olt <8 x float> %v125, splat (float 0x4010000000000000)
  ; #line 21
  %v127 = sext <8 x i1> %v126 to <8 x i32>
  br label %loop128
loop128:
  %v132 = phi <8 x float> [ %v123, %body112 ], [ %v156, %next130 ]
  %v133 = phi <8 x float> [ %v123, %body112 ], [ %v157, %next130 ]
  %v134 = phi <8 x i32> [ splat (i32 0), %body112 ], [ %v158, %next130 ]
  %v135 = phi <8 x i32> [ %v127, %body112 ], [ %v155, %next130 ]
  ; #line 21
  %v136 = icmp slt <8 x i32> %v135, zeroinitializer
  %v137 = sext <8 x i1> %v136 to <8 x i32>
  %v138 = icmp slt <8 x i32> %v137, zeroinitializer
  %v139 = bitcast <8 x i1> %v138 to i8
  %v140 = icmp ne i8 %v139, 0
  br i1 %v140, label %body129, label %after131
body129:
  ; #line 21
  %v141 = icmp slt <8 x i32> %v135, zeroinitializer
  ; #line 32
  %v142 = fmul <8 x float> %v133, %v133
  ; #line 33
  %v143 = fneg <8 x float> %v142
  %v144 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v132, <8 x float> %v132, <8 x float> %v143)
  ; #line 34
  %v145 = fadd <8 x float> %v144, %v122
  ; #line 36
  %v146 = fmul <8 x float> %v132, splat (float 0x4000000000000000)
  ; #line 39
  %v147 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v146, <8 x float> %v133, <8 x float> %v92)
  ; #line 41
  %v148 = add <8 x i32> %v134, splat (i32 1)
  ; #line 23
  %v149 = icmp slt <8 x i32> %v148, splat (i32 50)
  ; #line 25
  %v150 = fmul <8 x float> %v147, %v147
  ; #line 26
  %v151 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v145, <8 x float> %v145, <8 x float> %v150)
  ; #line 28
  %v152 = fcmp olt <8 x float> %v151, splat (float 0x4010000000000000)
  ; #line 29
  %v153 = and <8 x i1> %v149, %v152
  ; #line 30
  %v154 = and <8 x i1> %v141, %v153
  %v155 = sext <8 x i1> %v154 to <8 x i32>
  %v156 = select <8 x i1> %v138, <8 x float> %v145, <8 x float> %v132
  %v157 = select <8 x i1> %v138, <8 x float> %v147, <8 x float> %v133
  %v158 = select <8 x i1> %v138, <8 x i32> %v148, <8 x i32> %v134
  br label %next130
next130:
  br label %loop128
after131:
  ; #line 30
  %v159 = icmp slt <8 x i32> %v135, zeroinitializer
  ; #line 43
  %v161 = add i64 %v39, %v115
  %v162 = sub i64 %v16, %v161
  %v163 = sub i64 0, %v161
  %v164 = call i64 @llvm.smin.i64(i64 %v162, i64 8)
  %v165 = call i64 @llvm.smax.i64(i64 %v164, i64 0)
  %v166 = trunc i64 %v165 to i32
  %v167 = insertelement <8 x i32> poison, i32 %v166, i64 0
  %v168 = shufflevector <8 x i32> %v167, <8 x i32> poison, <8 x i32> zeroinitializer
  %v169 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v168
  %v170 = call i64 @llvm.smin.i64(i64 %v163, i64 8)
  %v171 = call i64 @llvm.smax.i64(i64 %v170, i64 0)
  %v172 = trunc i64 %v171 to i32
  %v173 = insertelement <8 x i32> poison, i32 %v172, i64 0
  %v174 = shufflevector <8 x i32> %v173, <8 x i32> poison, <8 x i32> zeroinitializer
  %v175 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v174
  %v176 = and <8 x i1> %v169, %v175
  %v179 = and <8 x i1> %v178, %v176
  %v183 = getelementptr i32, ptr %v182, i64 %v115
  call void @llvm.masked.store.v8i32.p0(<8 x i32> %v134, ptr %v183, i32 4, <8 x i1> %v179)
  br label %next113
next113:
  ; #line 43
  %v184 = add nsw i64 %v115, 8
  br label %loop111
after114:
  ; #line 44
  br label %next27
next27:
  ; #line 44
  %v185 = add nsw i64 %v29, 1
  br label %loop25
after28:
  ; #line 44
  ret i32 0
failed:
  ret i32 1
}

declare float @llvm.fma.f32(float, float, float)
declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
declare void @llvm.masked.store.v8i32.p0(<8 x i32>, ptr, i32, <8 x i1>)

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
