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
  %v29 = phi i64 [ %first, %entry ], [ %v188, %next27 ]
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
  ; #line 17
  %v67 = load <8 x float>, ptr @"v8f32 0.0", !invariant.load !{}
  ; #line 28
  %v71 = load <8 x float>, ptr @"v8f32 4.0", !invariant.load !{}
  ; #line 36
  %v92 = load <8 x float>, ptr @"v8f32 2.0", !invariant.load !{}
  ; #line 39
  %v94 = insertelement <8 x float> poison, float %v37, i64 0
  %v95 = shufflevector <8 x float> %v94, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 43
  %v109 = mul i64 %v33, %v14
  %v110 = add i64 %v109, %v39
  %v111 = getelementptr i32, ptr %v10, i64 %v110
  br label %loop49
loop49:
  %v53 = phi i64 [ 0, %body26 ], [ %v113, %next51 ]
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
  %v68 = fmul <8 x float> %v66, %v67
  ; #line 25
  %v69 = fmul <8 x float> %v68, %v68
  ; #line 26
  %v70 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v68, <8 x float> %v68, <8 x float> %v69)
  ; #line 28
  %v72 = fcmp olt <8 x float> %v70, %v71
  ; #line 21
  %v73 = sext <8 x i1> %v72 to <8 x i32>
  br label %loop74
loop74:
  %v78 = phi <8 x float> [ %v68, %body50 ], [ %v105, %next76 ]
  %v79 = phi <8 x float> [ %v68, %body50 ], [ %v106, %next76 ]
  %v80 = phi <8 x i32> [ splat (i32 0), %body50 ], [ %v107, %next76 ]
  %v81 = phi <8 x i32> [ %v73, %body50 ], [ %v104, %next76 ]
  ; #line 21
  %v82 = icmp slt <8 x i32> %v81, zeroinitializer
  %v83 = sext <8 x i1> %v82 to <8 x i32>
  %v84 = icmp slt <8 x i32> %v83, zeroinitializer
  %v85 = bitcast <8 x i1> %v84 to i8
  %v86 = icmp ne i8 %v85, 0
  br i1 %v86, label %body75, label %after77
body75:
  ; #line 21
  %v87 = icmp slt <8 x i32> %v81, zeroinitializer
  ; #line 32
  %v88 = fmul <8 x float> %v79, %v79
  ; #line 33
  %v89 = fneg <8 x float> %v88
  %v90 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v78, <8 x float> %v78, <8 x float> %v89)
  ; #line 34
  %v91 = fadd <8 x float> %v90, %v66
  ; #line 36
  %v93 = fmul <8 x float> %v78, %v92
  ; #line 39
  %v96 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v93, <8 x float> %v79, <8 x float> %v95)
  ; #line 41
  %v97 = add <8 x i32> %v80, splat (i32 1)
  ; #line 23
  %v98 = icmp slt <8 x i32> %v97, splat (i32 50)
  ; #line 25
  %v99 = fmul <8 x float> %v96, %v96
  ; #line 26
  %v100 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v91, <8 x float> %v91, <8 x float> %v99)
  ; #line 28
  %v101 = fcmp olt <8 x float> %v100, %v71
  ; #line 29
  %v102 = and <8 x i1> %v98, %v101
  ; #line 30
  %v103 = and <8 x i1> %v87, %v102
  %v104 = sext <8 x i1> %v103 to <8 x i32>
  %v105 = select <8 x i1> %v84, <8 x float> %v91, <8 x float> %v78
  %v106 = select <8 x i1> %v84, <8 x float> %v96, <8 x float> %v79
  %v107 = select <8 x i1> %v84, <8 x i32> %v97, <8 x i32> %v80
  br label %next76
next76:
  br label %loop74
after77:
  ; #line 30
  %v108 = icmp slt <8 x i32> %v81, zeroinitializer
  ; #line 43
  %v112 = getelementptr i32, ptr %v111, i64 %v53
  store <8 x i32> %v80, ptr %v112, align 4
  br label %next51
next51:
  ; #line 43
  %v113 = add nsw i64 %v53, 8
  br label %loop49
after52:
  ; #line 43
  %v163 = icmp ult i64 %v33, %v12
  %v180 = insertelement <8 x i1> poison, i1 %v163, i64 0
  %v181 = shufflevector <8 x i1> %v180, <8 x i1> poison, <8 x i32> zeroinitializer
  %v183 = mul i64 %v33, %v14
  %v184 = add i64 %v183, %v39
  %v185 = getelementptr i32, ptr %v10, i64 %v184
  br label %loop114
loop114:
  %v118 = phi i64 [ %v48, %after52 ], [ %v187, %next116 ]
  ; #line 43
  %v119 = icmp slt i64 %v118, 64
  br i1 %v119, label %body115, label %after117
body115:
  ; #line 6
  %v120 = insertelement <8 x i64> poison, i64 %v118, i64 0
  %v121 = shufflevector <8 x i64> %v120, <8 x i64> poison, <8 x i32> zeroinitializer
  %v122 = add <8 x i64> %v121, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>
  ; #line 7
  %v123 = add <8 x i64> %v59, %v122
  ; #line 9
  %v124 = sitofp <8 x i64> %v123 to <8 x float>
  ; #line 12
  %v125 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v63, <8 x float> %v124, <8 x float> %v65)
  ; #line 17
  %v126 = fmul <8 x float> %v125, %v67
  ; #line 25
  %v127 = fmul <8 x float> %v126, %v126
  ; #line 26
  %v128 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v126, <8 x float> %v126, <8 x float> %v127)
  ; #line 28
  %v129 = fcmp olt <8 x float> %v128, %v71
  ; #line 21
  %v130 = sext <8 x i1> %v129 to <8 x i32>
  br label %loop131
loop131:
  %v135 = phi <8 x float> [ %v126, %body115 ], [ %v159, %next133 ]
  %v136 = phi <8 x float> [ %v126, %body115 ], [ %v160, %next133 ]
  %v137 = phi <8 x i32> [ splat (i32 0), %body115 ], [ %v161, %next133 ]
  %v138 = phi <8 x i32> [ %v130, %body115 ], [ %v158, %next133 ]
  ; #line 21
  %v139 = icmp slt <8 x i32> %v138, zeroinitializer
  %v140 = sext <8 x i1> %v139 to <8 x i32>
  %v141 = icmp slt <8 x i32> %v140, zeroinitializer
  %v142 = bitcast <8 x i1> %v141 to i8
  %v143 = icmp ne i8 %v142, 0
  br i1 %v143, label %body132, label %after134
body132:
  ; #line 21
  %v144 = icmp slt <8 x i32> %v138, zeroinitializer
  ; #line 32
  %v145 = fmul <8 x float> %v136, %v136
  ; #line 33
  %v146 = fneg <8 x float> %v145
  %v147 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v135, <8 x float> %v135, <8 x float> %v146)
  ; #line 34
  %v148 = fadd <8 x float> %v147, %v125
  ; #line 36
  %v149 = fmul <8 x float> %v135, %v92
  ; #line 39
  %v150 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v149, <8 x float> %v136, <8 x float> %v95)
  ; #line 41
  %v151 = add <8 x i32> %v137, splat (i32 1)
  ; #line 23
  %v152 = icmp slt <8 x i32> %v151, splat (i32 50)
  ; #line 25
  %v153 = fmul <8 x float> %v150, %v150
  ; #line 26
  %v154 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v148, <8 x float> %v148, <8 x float> %v153)
  ; #line 28
  %v155 = fcmp olt <8 x float> %v154, %v71
  ; #line 29
  %v156 = and <8 x i1> %v152, %v155
  ; #line 30
  %v157 = and <8 x i1> %v144, %v156
  %v158 = sext <8 x i1> %v157 to <8 x i32>
  %v159 = select <8 x i1> %v141, <8 x float> %v148, <8 x float> %v135
  %v160 = select <8 x i1> %v141, <8 x float> %v150, <8 x float> %v136
  %v161 = select <8 x i1> %v141, <8 x i32> %v151, <8 x i32> %v137
  br label %next133
next133:
  br label %loop131
after134:
  ; #line 30
  %v162 = icmp slt <8 x i32> %v138, zeroinitializer
  ; #line 43
  %v164 = add i64 %v39, %v118
  %v165 = sub i64 %v16, %v164
  %v166 = sub i64 0, %v164
  %v167 = call i64 @llvm.smin.i64(i64 %v165, i64 8)
  %v168 = call i64 @llvm.smax.i64(i64 %v167, i64 0)
  %v169 = trunc i64 %v168 to i32
  %v170 = insertelement <8 x i32> poison, i32 %v169, i64 0
  %v171 = shufflevector <8 x i32> %v170, <8 x i32> poison, <8 x i32> zeroinitializer
  %v172 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v171
  %v173 = call i64 @llvm.smin.i64(i64 %v166, i64 8)
  %v174 = call i64 @llvm.smax.i64(i64 %v173, i64 0)
  %v175 = trunc i64 %v174 to i32
  %v176 = insertelement <8 x i32> poison, i32 %v175, i64 0
  %v177 = shufflevector <8 x i32> %v176, <8 x i32> poison, <8 x i32> zeroinitializer
  %v178 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v177
  %v179 = and <8 x i1> %v172, %v178
  %v182 = and <8 x i1> %v181, %v179
  %v186 = getelementptr i32, ptr %v185, i64 %v118
  call void @llvm.masked.store.v8i32.p0(<8 x i32> %v137, ptr %v186, i32 4, <8 x i1> %v182)
  br label %next116
next116:
  ; #line 43
  %v187 = add nsw i64 %v118, 8
  br label %loop114
after117:
  ; #line 44
  br label %next27
next27:
  ; #line 44
  %v188 = add nsw i64 %v29, 1
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
@"v8f32 0.0" = internal externally_initialized constant <8 x float> splat (float 0x0000000000000000), align 32
@"v8f32 4.0" = internal externally_initialized constant <8 x float> splat (float 0x4010000000000000), align 32
@"v8f32 2.0" = internal externally_initialized constant <8 x float> splat (float 0x4000000000000000), align 32
declare void @llvm.masked.store.v8i32.p0(<8 x i32>, ptr, i32, <8 x i1>)

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
