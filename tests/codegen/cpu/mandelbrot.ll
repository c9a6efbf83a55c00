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
  %v29 = phi i64 [ %first, %entry ], [ %v124, %next27 ]
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
  %v59 = load <8 x float>, ptr @"v8f32 4.0", !invariant.load !{}
  ; #line 36
  %v80 = load <8 x float>, ptr @"v8f32 2.0", !invariant.load !{}
  ; #line 39
  %v82 = insertelement <8 x float> poison, float %v37, i64 0
  %v83 = shufflevector <8 x float> %v82, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 43
  %v97 = icmp ult i64 %v33, %v12
  ; #line 7
  %v98 = add i64 %v35, 0
  ; #line 43
  %v115 = insertelement <8 x i1> poison, i1 %v97, i64 0
  %v116 = shufflevector <8 x i1> %v115, <8 x i1> poison, <8 x i32> zeroinitializer
  %v118 = mul i64 %v33, %v14
  %v119 = add i64 %v118, %v98
  %v120 = getelementptr i32, ptr %v10, i64 %v119
  br label %loop38
loop38:
  %v42 = phi i64 [ 0, %body26 ], [ %v122, %next40 ]
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
  ; #line 25
  %v57 = fmul <8 x float> %v56, %v56
  ; #line 26
  %v58 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v56, <8 x float> %v56, <8 x float> %v57)
  ; #line 28
  %v60 = fcmp olt <8 x float> %v58, %v59
  ; #line 21
  %v61 = sext <8 x i1> %v60 to <8 x i32>
  br label %loop62
loop62:
  %v66 = phi <8 x float> [ %v56, %body39 ], [ %v93, %next64 ]
  %v67 = phi <8 x float> [ %v56, %body39 ], [ %v94, %next64 ]
  %v68 = phi <8 x i32> [ splat (i32 0), %body39 ], [ %v95, %next64 ]
  %v69 = phi <8 x i32> [ %v61, %body39 ], [ %v92, %next64 ]
  ; #line 21
  %v70 = icmp slt <8 x i32> %v69, zeroinitializer
  %v71 = sext <8 x i1> %v70 to <8 x i32>
  %v72 = icmp slt <8 x i32> %v71, zeroinitializer
  %v73 = bitcast <8 x i1> %v72 to i8
  %v74 = icmp ne i8 %v73, 0
  br i1 %v74, label %body63, label %after65
body63:
  ; #line 21
  %v75 = icmp slt <8 x i32> %v69, zeroinitializer
  ; #line 32
  %v76 = fmul <8 x float> %v67, %v67
  ; #line 33
  %v77 = fneg <8 x float> %v76
  %v78 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v66, <8 x float> %v66, <8 x float> %v77)
  ; #line 34
  %v79 = fadd <8 x float> %v78, %v54
  ; #line 36
  %v81 = fmul <8 x float> %v66, %v80
  ; #line 39
  %v84 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v81, <8 x float> %v67, <8 x float> %v83)
  ; #line 41
  %v85 = add <8 x i32> %v68, splat (i32 1)
  ; #line 23
  %v86 = icmp slt <8 x i32> %v85, splat (i32 50)
  ; #line 25
  %v87 = fmul <8 x float> %v84, %v84
  ; #line 26
  %v88 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v79, <8 x float> %v79, <8 x float> %v87)
  ; #line 28
  %v89 = fcmp olt <8 x float> %v88, %v59
  ; #line 29
  %v90 = and <8 x i1> %v86, %v89
  ; #line 30
  %v91 = and <8 x i1> %v75, %v90
  %v92 = sext <8 x i1> %v91 to <8 x i32>
  %v93 = select <8 x i1> %v72, <8 x float> %v79, <8 x float> %v66
  %v94 = select <8 x i1> %v72, <8 x float> %v84, <8 x float> %v67
  %v95 = select <8 x i1> %v72, <8 x i32> %v85, <8 x i32> %v68
  br label %next64
next64:
  br label %loop62
after65:
  ; #line 30
  %v96 = icmp slt <8 x i32> %v69, zeroinitializer
  ; #line 43
  %v99 = add i64 %v98, %v42
  %v100 = sub i64 %v16, %v99
  %v101 = sub i64 0, %v99
  %v102 = call i64 @llvm.smin.i64(i64 %v100, i64 8)
  %v103 = call i64 @llvm.smax.i64(i64 %v102, i64 0)
  %v104 = trunc i64 %v103 to i32
  %v105 = insertelement <8 x i32> poison, i32 %v104, i64 0
  %v106 = shufflevector <8 x i32> %v105, <8 x i32> poison, <8 x i32> zeroinitializer
  %v107 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v106
  %v108 = call i64 @llvm.smin.i64(i64 %v101, i64 8)
  %v109 = call i64 @llvm.smax.i64(i64 %v108, i64 0)
  %v110 = trunc i64 %v109 to i32
  %v111 = insertelement <8 x i32> poison, i32 %v110, i64 0
  %v112 = shufflevector <8 x i32> %v111, <8 x i32> poison, <8 x i32> zeroinitializer
  %v113 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v112
  %v114 = and <8 x i1> %v107, %v113
  %v117 = and <8 x i1> %v116, %v114
  %v121 = getelementptr i32, ptr %v120, i64 %v42
  call void @llvm.masked.store.v8i32.p0(<8 x i32> %v68, ptr %v121, i32 4, <8 x i1> %v117)
  br label %next40
next40:
  ; #line 43
  %v122 = add nsw i64 %v42, 8
  %v123 = icmp slt i64 %v122, 64
  br i1 %v123, label %loop38, label %after41
after41:
  ; #line 44
  br label %next27
next27:
  ; #line 44
  %v124 = add nsw i64 %v29, 1
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
