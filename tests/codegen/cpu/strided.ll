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
  %v17 = getelementptr i8, ptr %arguments, i64 56
  %v18 = load i64, ptr %v17, align 8, !invariant.load !{}
  %v19 = getelementptr i8, ptr %arguments, i64 64
  %v20 = load ptr, ptr %v19, align 8, !invariant.load !{}
  %v21 = getelementptr i8, ptr %arguments, i64 72
  %v22 = load i64, ptr %v21, align 8, !invariant.load !{}
  %v23 = getelementptr i8, ptr %arguments, i64 88
  %v24 = load i64, ptr %v23, align 8, !invariant.load !{}
  %v25 = getelementptr i8, ptr %arguments, i64 80
  %v26 = load i64, ptr %v25, align 8, !invariant.load !{}
  %v27 = getelementptr i8, ptr %arguments, i64 96
  %v28 = load i64, ptr %v27, align 8, !invariant.load !{}
  br label %loop29
loop29:
  %v33 = phi i64 [ %first, %entry ], [ %v165, %next31 ]
  %v34 = icmp slt i64 %v33, %last
  br i1 %v34, label %body30, label %after32
body30:
  %v35 = udiv i64 %v33, %v4
  %v36 = urem i64 %v33, %v4
  %v37 = urem i64 %v35, %v6
  %v38 = udiv i64 %v35, %v6
  ; #line 0
  %v39 = sub i64 %v12, 0
  %v40 = icmp sge i64 0, 0
  %v41 = icmp ult i64 %v36, %v16
  %v42 = select i1 %v40, i64 %v39, i64 0
  %v43 = select i1 %v41, i64 24, i64 0
  %v44 = call i64 @llvm.smin.i64(i64 %v42, i64 %v43)
  %v45 = call i64 @llvm.smin.i64(i64 %v44, i64 24)
  %v46 = call i64 @llvm.smax.i64(i64 %v45, i64 0)
  %v47 = udiv i64 %v46, 16
  %v48 = mul i64 %v47, 16
  ; #line 2
  %v55 = mul i64 %v36, %v18
  %v56 = getelementptr float, ptr %v10, i64 %v55
  br label %loop49
loop49:
  %v53 = phi i64 [ 0, %body30 ], [ %v66, %next51 ]
  ; #line 0
  %v54 = icmp slt i64 %v53, %v48
  br i1 %v54, label %body50, label %after52
body50:
  ; #line 2
  %v57 = mul i64 %v53, %v14
  %v58 = getelementptr float, ptr %v56, i64 %v57
  %v59 = insertelement <16 x i64> poison, i64 %v14, i64 0
  %v60 = shufflevector <16 x i64> %v59, <16 x i64> poison, <16 x i32> zeroinitializer
  %v61 = mul <16 x i64> %v60, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v62 = getelementptr float, ptr %v58, <16 x i64> %v61
  %v63 = call <16 x float> @llvm.masked.gather.v16f32.v16p0(<16 x ptr> %v62, i32 4, <16 x i1> splat (i1 true), <16 x float> poison)
  %v64 = getelementptr i8, ptr %v1, i64 128
  %v65 = getelementptr float, ptr %v64, i64 %v53
  store <16 x float> %v63, ptr %v65, align 4
  br label %next51
next51:
  ; #line 2
  %v66 = add nsw i64 %v53, 16
  br label %loop49
after52:
  ; #line 2
  %v81 = icmp ult i64 %v36, %v16
  %v82 = insertelement <8 x i1> poison, i1 %v81, i64 0
  %v83 = shufflevector <8 x i1> %v82, <8 x i1> poison, <8 x i32> zeroinitializer
  %v85 = mul i64 %v36, %v18
  %v86 = getelementptr float, ptr %v10, i64 %v85
  br label %loop67
loop67:
  %v71 = phi i64 [ %v48, %after52 ], [ %v99, %next69 ]
  ; #line 2
  %v72 = icmp slt i64 %v71, 24
  br i1 %v72, label %body68, label %after70
body68:
  ; #line 2
  %v73 = add i64 0, %v71
  %v74 = sub i64 %v12, %v73
  %v75 = call i64 @llvm.smin.i64(i64 %v74, i64 8)
  %v76 = call i64 @llvm.smax.i64(i64 %v75, i64 0)
  %v77 = trunc i64 %v76 to i32
  %v78 = insertelement <8 x i32> poison, i32 %v77, i64 0
  %v79 = shufflevector <8 x i32> %v78, <8 x i32> poison, <8 x i32> zeroinitializer
  %v80 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v79
  %v84 = and <8 x i1> %v80, %v83
  %v87 = mul i64 %v71, %v14
  %v88 = getelementptr float, ptr %v86, i64 %v87
  %v89 = insertelement <8 x i64> poison, i64 %v14, i64 0
  %v90 = shufflevector <8 x i64> %v89, <8 x i64> poison, <8 x i32> zeroinitializer
  %v91 = mul <8 x i64> %v90, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>
  %v92 = getelementptr float, ptr %v88, <8 x i64> %v91
  %v93 = insertelement <8 x ptr> poison, ptr %v2, i64 0
  %v94 = shufflevector <8 x ptr> %v93, <8 x ptr> poison, <8 x i32> zeroinitializer
  %v95 = select <8 x i1> %v84, <8 x ptr> %v92, <8 x ptr> %v94
  %v96 = call <8 x float> @llvm.masked.gather.v8f32.v8p0(<8 x ptr> %v95, i32 4, <8 x i1> splat (i1 true), <8 x float> poison)
  %v97 = getelementptr i8, ptr %v1, i64 128
  %v98 = getelementptr float, ptr %v97, i64 %v71
  store <8 x float> %v96, ptr %v98, align 4
  br label %next69
next69:
  ; #line 2
  %v99 = add nsw i64 %v71, 8
  br label %loop67
after70:
  ; #line 2
  %v100 = sub i64 %v22, 0
  %v101 = icmp sge i64 0, 0
  %v102 = icmp ult i64 %v36, %v26
  %v103 = select i1 %v101, i64 %v100, i64 0
  %v104 = select i1 %v102, i64 24, i64 0
  %v105 = call i64 @llvm.smin.i64(i64 %v103, i64 %v104)
  %v106 = call i64 @llvm.smin.i64(i64 %v105, i64 24)
  %v107 = call i64 @llvm.smax.i64(i64 %v106, i64 0)
  %v108 = udiv i64 %v107, 16
  %v109 = mul i64 %v108, 16
  ; #line 5
  %v121 = mul i64 %v36, %v28
  %v122 = getelementptr float, ptr %v20, i64 %v121
  br label %loop110
loop110:
  %v114 = phi i64 [ 0, %after70 ], [ %v129, %next112 ]
  ; #line 2
  %v115 = icmp slt i64 %v114, %v109
  br i1 %v115, label %body111, label %after113
body111:
  ; #line 3
  %v116 = getelementptr i8, ptr %v1, i64 220
  %v117 = mul i64 %v114, -1
  %v118 = getelementptr float, ptr %v116, i64 %v117
  %v119 = getelementptr float, ptr %v118, <16 x i64> <i64 0, i64 -1, i64 -2, i64 -3, i64 -4, i64 -5, i64 -6, i64 -7, i64 -8, i64 -9, i64 -10, i64 -11, i64 -12, i64 -13, i64 -14, i64 -15>
  %v120 = call <16 x float> @llvm.masked.gather.v16f32.v16p0(<16 x ptr> %v119, i32 4, <16 x i1> splat (i1 true), <16 x float> poison)
  ; #line 5
  %v123 = mul i64 %v114, %v24
  %v124 = getelementptr float, ptr %v122, i64 %v123
  %v125 = insertelement <16 x i64> poison, i64 %v24, i64 0
  %v126 = shufflevector <16 x i64> %v125, <16 x i64> poison, <16 x i32> zeroinitializer
  %v127 = mul <16 x i64> %v126, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7, i64 8, i64 9, i64 10, i64 11, i64 12, i64 13, i64 14, i64 15>
  %v128 = getelementptr float, ptr %v124, <16 x i64> %v127
  call void @llvm.masked.scatter.v16f32.v16p0(<16 x float> %v120, <16 x ptr> %v128, i32 4, <16 x i1> splat (i1 true))
  br label %next112
next112:
  ; #line 5
  %v129 = add nsw i64 %v114, 16
  br label %loop110
after113:
  ; #line 5
  %v149 = icmp ult i64 %v36, %v26
  %v150 = insertelement <8 x i1> poison, i1 %v149, i64 0
  %v151 = shufflevector <8 x i1> %v150, <8 x i1> poison, <8 x i32> zeroinitializer
  %v153 = mul i64 %v36, %v28
  %v154 = getelementptr float, ptr %v20, i64 %v153
  br label %loop130
loop130:
  %v134 = phi i64 [ %v109, %after113 ], [ %v164, %next132 ]
  ; #line 5
  %v135 = icmp slt i64 %v134, 24
  br i1 %v135, label %body131, label %after133
body131:
  ; #line 3
  %v136 = getelementptr i8, ptr %v1, i64 220
  %v137 = mul i64 %v134, -1
  %v138 = getelementptr float, ptr %v136, i64 %v137
  %v139 = getelementptr float, ptr %v138, <8 x i64> <i64 0, i64 -1, i64 -2, i64 -3, i64 -4, i64 -5, i64 -6, i64 -7>
  %v140 = call <8 x float> @llvm.masked.gather.v8f32.v8p0(<8 x ptr> %v139, i32 4, <8 x i1> splat (i1 true), <8 x float> poison)
  ; #line 5
  %v141 = add i64 0, %v134
  %v142 = sub i64 %v22, %v141
  %v143 = call i64 @llvm.smin.i64(i64 %v142, i64 8)
  %v144 = call i64 @llvm.smax.i64(i64 %v143, i64 0)
  %v145 = trunc i64 %v144 to i32
  %v146 = insertelement <8 x i32> poison, i32 %v145, i64 0
  %v147 = shufflevector <8 x i32> %v146, <8 x i32> poison, <8 x i32> zeroinitializer
  %v148 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v147
  %v152 = and <8 x i1> %v148, %v151
  %v155 = mul i64 %v134, %v24
  %v156 = getelementptr float, ptr %v154, i64 %v155
  %v157 = insertelement <8 x i64> poison, i64 %v24, i64 0
  %v158 = shufflevector <8 x i64> %v157, <8 x i64> poison, <8 x i32> zeroinitializer
  %v159 = mul <8 x i64> %v158, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>
  %v160 = getelementptr float, ptr %v156, <8 x i64> %v159
  %v161 = insertelement <8 x ptr> poison, ptr %v1, i64 0
  %v162 = shufflevector <8 x ptr> %v161, <8 x ptr> poison, <8 x i32> zeroinitializer
  %v163 = select <8 x i1> %v152, <8 x ptr> %v160, <8 x ptr> %v162
  call void @llvm.masked.scatter.v8f32.v8p0(<8 x float> %v140, <8 x ptr> %v163, i32 4, <8 x i1> splat (i1 true))
  br label %next132
next132:
  ; #line 5
  %v164 = add nsw i64 %v134, 8
  br label %loop130
after133:
  ; #line 6
  br label %next31
next31:
  ; #line 6
  %v165 = add nsw i64 %v33, 1
  br label %loop29
after32:
  ; #line 6
  ret i32 0
failed:
  ret i32 1
}

declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <16 x float> @llvm.masked.gather.v16f32.v16p0(<16 x ptr>, i32, <16 x i1>, <16 x float>)
declare <8 x float> @llvm.masked.gather.v8f32.v8p0(<8 x ptr>, i32, <8 x i1>, <8 x float>)
declare void @llvm.masked.scatter.v16f32.v16p0(<16 x float>, <16 x ptr>, i32, <16 x i1>)
declare void @llvm.masked.scatter.v8f32.v8p0(<8 x float>, <8 x ptr>, i32, <8 x i1>)

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
