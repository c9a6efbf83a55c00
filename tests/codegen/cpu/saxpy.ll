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
  %v10 = load float, ptr %v9, align 8, !invariant.load !{}
  %v11 = getelementptr i8, ptr %arguments, i64 32
  %v12 = load ptr, ptr %v11, align 8, !invariant.load !{}
  %v13 = getelementptr i8, ptr %arguments, i64 40
  %v14 = load i64, ptr %v13, align 8, !invariant.load !{}
  %v15 = getelementptr i8, ptr %arguments, i64 56
  %v16 = load ptr, ptr %v15, align 8, !invariant.load !{}
  %v17 = getelementptr i8, ptr %arguments, i64 64
  %v18 = load i64, ptr %v17, align 8, !invariant.load !{}
  %v19 = getelementptr i8, ptr %arguments, i64 80
  %v20 = load ptr, ptr %v19, align 8, !invariant.load !{}
  %v21 = getelementptr i8, ptr %arguments, i64 88
  %v22 = load i64, ptr %v21, align 8, !invariant.load !{}
  br label %loop23
loop23:
  %v27 = phi i64 [ %first, %entry ], [ %v134, %next25 ]
  %v28 = icmp slt i64 %v27, %last
  br i1 %v28, label %body24, label %after26
body24:
  %v29 = udiv i64 %v27, %v4
  %v30 = urem i64 %v27, %v4
  %v31 = urem i64 %v29, %v6
  %v32 = udiv i64 %v29, %v6
  ; #line 2
  %v33 = mul i64 %v30, 64
  ; #line 6
  %v34 = add i64 %v33, 0
  ; #line 2
  %v35 = sub i64 %v14, %v34
  %v36 = icmp sge i64 %v34, 0
  %v37 = sub i64 %v18, %v34
  %v38 = icmp sge i64 %v34, 0
  %v39 = sub i64 %v22, %v34
  %v40 = icmp sge i64 %v34, 0
  %v41 = select i1 %v36, i64 %v35, i64 0
  %v42 = select i1 %v38, i64 %v37, i64 0
  %v43 = call i64 @llvm.smin.i64(i64 %v41, i64 %v42)
  %v44 = select i1 %v40, i64 %v39, i64 0
  %v45 = call i64 @llvm.smin.i64(i64 %v43, i64 %v44)
  %v46 = call i64 @llvm.smin.i64(i64 %v45, i64 64)
  %v47 = call i64 @llvm.smax.i64(i64 %v46, i64 0)
  %v48 = udiv i64 %v47, 32
  %v49 = mul i64 %v48, 32
  ; #line 7
  %v56 = getelementptr float, ptr %v12, i64 %v34
  ; #line 10
  %v59 = getelementptr float, ptr %v16, i64 %v34
  ; #line 11
  %v62 = insertelement <32 x float> poison, float %v10, i64 0
  %v63 = shufflevector <32 x float> %v62, <32 x float> poison, <32 x i32> zeroinitializer
  ; #line 12
  %v65 = getelementptr float, ptr %v20, i64 %v34
  br label %loop50
loop50:
  %v54 = phi i64 [ 0, %body24 ], [ %v67, %next52 ]
  ; #line 2
  %v55 = icmp slt i64 %v54, %v49
  br i1 %v55, label %body51, label %after53
body51:
  ; #line 7
  %v57 = getelementptr float, ptr %v56, i64 %v54
  %v58 = load <32 x float>, ptr %v57, align 4
  ; #line 10
  %v60 = getelementptr float, ptr %v59, i64 %v54
  %v61 = load <32 x float>, ptr %v60, align 4
  ; #line 11
  %v64 = call <32 x float> @llvm.fma.v32f32(<32 x float> %v63, <32 x float> %v58, <32 x float> %v61)
  ; #line 12
  %v66 = getelementptr float, ptr %v65, i64 %v54
  store <32 x float> %v64, ptr %v66, align 4
  br label %next52
next52:
  ; #line 12
  %v67 = add nsw i64 %v54, 32
  br label %loop50
after53:
  ; #line 7
  %v90 = getelementptr float, ptr %v12, i64 %v34
  ; #line 10
  %v109 = getelementptr float, ptr %v16, i64 %v34
  ; #line 11
  %v112 = insertelement <8 x float> poison, float %v10, i64 0
  %v113 = shufflevector <8 x float> %v112, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 12
  %v131 = getelementptr float, ptr %v20, i64 %v34
  br label %loop68
loop68:
  %v72 = phi i64 [ %v49, %after53 ], [ %v133, %next70 ]
  ; #line 12
  %v73 = icmp slt i64 %v72, 64
  br i1 %v73, label %body69, label %after71
body69:
  ; #line 7
  %v74 = add i64 %v34, %v72
  %v75 = sub i64 %v14, %v74
  %v76 = sub i64 0, %v74
  %v77 = call i64 @llvm.smin.i64(i64 %v75, i64 8)
  %v78 = call i64 @llvm.smax.i64(i64 %v77, i64 0)
  %v79 = trunc i64 %v78 to i32
  %v80 = insertelement <8 x i32> poison, i32 %v79, i64 0
  %v81 = shufflevector <8 x i32> %v80, <8 x i32> poison, <8 x i32> zeroinitializer
  %v82 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v81
  %v83 = call i64 @llvm.smin.i64(i64 %v76, i64 8)
  %v84 = call i64 @llvm.smax.i64(i64 %v83, i64 0)
  %v85 = trunc i64 %v84 to i32
  %v86 = insertelement <8 x i32> poison, i32 %v85, i64 0
  %v87 = shufflevector <8 x i32> %v86, <8 x i32> poison, <8 x i32> zeroinitializer
  %v88 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v87
  %v89 = and <8 x i1> %v82, %v88
  %v91 = getelementptr float, ptr %v90, i64 %v72
  %v92 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v91, i32 4, <8 x i1> %v89, <8 x float> zeroinitializer)
  ; #line 10
  %v93 = add i64 %v34, %v72
  %v94 = sub i64 %v18, %v93
  %v95 = sub i64 0, %v93
  %v96 = call i64 @llvm.smin.i64(i64 %v94, i64 8)
  %v97 = call i64 @llvm.smax.i64(i64 %v96, i64 0)
  %v98 = trunc i64 %v97 to i32
  %v99 = insertelement <8 x i32> poison, i32 %v98, i64 0
  %v100 = shufflevector <8 x i32> %v99, <8 x i32> poison, <8 x i32> zeroinitializer
  %v101 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v100
  %v102 = call i64 @llvm.smin.i64(i64 %v95, i64 8)
  %v103 = call i64 @llvm.smax.i64(i64 %v102, i64 0)
  %v104 = trunc i64 %v103 to i32
  %v105 = insertelement <8 x i32> poison, i32 %v104, i64 0
  %v106 = shufflevector <8 x i32> %v105, <8 x i32> poison, <8 x i32> zeroinitializer
  %v107 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v106
  %v108 = and <8 x i1> %v101, %v107
  %v110 = getelementptr float, ptr %v109, i64 %v72
  %v111 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v110, i32 4, <8 x i1> %v108, <8 x float> zeroinitializer)
  ; #line 11
  %v114 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v113, <8 x float> %v92, <8 x float> %v111)
  ; #line 12
  %v115 = add i64 %v34, %v72
  %v116 = sub i64 %v22, %v115
  %v117 = sub i64 0, %v115
  %v118 = call i64 @llvm.smin.i64(i64 %v116, i64 8)
  %v119 = call i64 @llvm.smax.i64(i64 %v118, i64 0)
  %v120 = trunc i64 %v119 to i32
  %v121 = insertelement <8 x i32> poison, i32 %v120, i64 0
  %v122 = shufflevector <8 x i32> %v121, <8 x i32> poison, <8 x i32> zeroinitializer
  %v123 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v122
  %v124 = call i64 @llvm.smin.i64(i64 %v117, i64 8)
  %v125 = call i64 @llvm.smax.i64(i64 %v124, i64 0)
  %v126 = trunc i64 %v125 to i32
  %v127 = insertelement <8 x i32> poison, i32 %v126, i64 0
  %v128 = shufflevector <8 x i32> %v127, <8 x i32> poison, <8 x i32> zeroinitializer
  %v129 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v128
  %v130 = and <8 x i1> %v123, %v129
  %v132 = getelementptr float, ptr %v131, i64 %v72
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v114, ptr %v132, i32 4, <8 x i1> %v130)
  br label %next70
next70:
  ; #line 12
  %v133 = add nsw i64 %v72, 8
  br label %loop68
after71:
  ; #line 13
  br label %next25
next25:
  ; #line 13
  %v134 = add nsw i64 %v27, 1
  br label %loop23
after26:
  ; #line 13
  ret i32 0
failed:
  ret i32 1
}

declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <32 x float> @llvm.fma.v32f32(<32 x float>, <32 x float>, <32 x float>)
declare <8 x float> @llvm.masked.load.v8f32.p0(ptr, i32, <8 x i1>, <8 x float>)
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32, <8 x i1>)

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
