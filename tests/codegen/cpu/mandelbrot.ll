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
  %v29 = phi i64 [ %first, %entry ], [ %v209, %next27 ]
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
  %v53 = insertelement <8 x float> poison, float %v22, i64 0
  %v54 = shufflevector <8 x float> %v53, <8 x float> poison, <8 x i32> zeroinitializer
  %v55 = insertelement <8 x float> poison, float %v18, i64 0
  %v56 = shufflevector <8 x float> %v55, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 17
  %v58 = load <8 x float>, ptr @"v8f32 0.0", !invariant.load !{}
  ; #line 28
  %v73 = load <8 x float>, ptr @"v8f32 4.0", !invariant.load !{}
  ; #line 36
  %v109 = load <8 x float>, ptr @"v8f32 2.0", !invariant.load !{}
  ; #line 39
  %v111 = insertelement <8 x float> poison, float %v37, i64 0
  %v112 = shufflevector <8 x float> %v111, <8 x float> poison, <8 x i32> zeroinitializer
  ; #line 43
  %v148 = icmp ult i64 %v33, %v12
  ; #line 7
  %v149 = add i64 %v35, 0
  ; #line 43
  %v166 = insertelement <8 x i1> poison, i1 %v148, i64 0
  %v167 = shufflevector <8 x i1> %v166, <8 x i1> poison, <8 x i32> zeroinitializer
  %v169 = mul i64 %v33, %v14
  %v170 = add i64 %v169, %v149
  %v171 = getelementptr i32, ptr %v10, i64 %v170
  %v178 = icmp ult i64 %v33, %v12
  %v195 = insertelement <8 x i1> poison, i1 %v178, i64 0
  %v196 = shufflevector <8 x i1> %v195, <8 x i1> poison, <8 x i32> zeroinitializer
  %v198 = mul i64 %v33, %v14
  %v199 = add i64 %v198, %v149
  %v200 = getelementptr i32, ptr %v10, i64 %v199
  br label %loop38
loop38:
  %v42 = phi i64 [ 0, %body26 ], [ %v207, %next40 ]
  br label %body39
body39:
  ; #line 6
  %v43 = insertelement <8 x i64> poison, i64 %v42, i64 0
  %v44 = shufflevector <8 x i64> %v43, <8 x i64> poison, <8 x i32> zeroinitializer
  %v45 = add <8 x i64> %v44, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>
  ; #line 7
  %v48 = add <8 x i64> %v47, %v45
  ; #line 9
  %v49 = add <8 x i64> %v48, splat (i64 4843621399236968448)
  %v50 = bitcast <8 x i64> %v49 to <8 x double>
  %v51 = fsub <8 x double> %v50, splat (double 6755399441055744.0)
  %v52 = fptrunc <8 x double> %v51 to <8 x float>
  ; #line 12
  %v57 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v54, <8 x float> %v52, <8 x float> %v56)
  ; #line 17
  %v59 = fmul <8 x float> %v57, %v58
  ; #line 21
  %v60 = add i64 %v42, 8
  ; #line 6
  %v61 = insertelement <8 x i64> poison, i64 %v60, i64 0
  %v62 = shufflevector <8 x i64> %v61, <8 x i64> poison, <8 x i32> zeroinitializer
  %v63 = add <8 x i64> %v62, <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>
  ; #line 7
  %v64 = add <8 x i64> %v47, %v63
  ; #line 9
  %v65 = add <8 x i64> %v64, splat (i64 4843621399236968448)
  %v66 = bitcast <8 x i64> %v65 to <8 x double>
  %v67 = fsub <8 x double> %v66, splat (double 6755399441055744.0)
  %v68 = fptrunc <8 x double> %v67 to <8 x float>
  ; #line 12
  %v69 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v54, <8 x float> %v68, <8 x float> %v56)
  ; #line 17
  %v70 = fmul <8 x float> %v69, %v58
  ; #line 25
  %v71 = fmul <8 x float> %v59, %v59
  ; #line 26
  %v72 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v59, <8 x float> %v59, <8 x float> %v71)
  ; #line 28
  %v74 = fcmp olt <8 x float> %v72, %v73
  ; #line 21
  %v75 = sext <8 x i1> %v74 to <8 x i32>
  ; #line 25
  %v76 = fmul <8 x float> %v70, %v70
  ; #line 26
  %v77 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v70, <8 x float> %v70, <8 x float> %v76)
  ; #line 28
  %v78 = fcmp olt <8 x float> %v77, %v73
  ; #line 21
  %v79 = sext <8 x i1> %v78 to <8 x i32>
  %v80 = or <8 x i1> %v74, %v78
  %v81 = bitcast <8 x i1> %v80 to i8
  %v82 = icmp ne i8 %v81, 0
  br i1 %v82, label %then84, label %else137
then84:
  br label %loop85
loop85:
  %v89 = phi <8 x float> [ %v59, %then84 ], [ %v104, %next87 ]
  %v90 = phi <8 x float> [ %v70, %then84 ], [ %v108, %next87 ]
  %v91 = phi <8 x float> [ %v59, %then84 ], [ %v113, %next87 ]
  %v92 = phi <8 x float> [ %v70, %then84 ], [ %v115, %next87 ]
  %v93 = phi <8 x i32> [ splat (i32 0), %then84 ], [ %v99, %next87 ]
  %v94 = phi <8 x i32> [ splat (i32 0), %then84 ], [ %v100, %next87 ]
  %v95 = phi <8 x i32> [ %v75, %then84 ], [ %v123, %next87 ]
  %v96 = phi <8 x i32> [ %v79, %then84 ], [ %v131, %next87 ]
  br label %body86
body86:
  ; #line 21
  %v97 = icmp slt <8 x i32> %v95, zeroinitializer
  %v98 = icmp slt <8 x i32> %v96, zeroinitializer
  %v99 = sub <8 x i32> %v93, %v95
  %v100 = sub <8 x i32> %v94, %v96
  ; #line 32
  %v101 = fmul <8 x float> %v91, %v91
  ; #line 33
  %v102 = fneg <8 x float> %v101
  %v103 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v89, <8 x float> %v89, <8 x float> %v102)
  ; #line 34
  %v104 = fadd <8 x float> %v103, %v57
  ; #line 32
  %v105 = fmul <8 x float> %v92, %v92
  ; #line 33
  %v106 = fneg <8 x float> %v105
  %v107 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v90, <8 x float> %v90, <8 x float> %v106)
  ; #line 34
  %v108 = fadd <8 x float> %v107, %v69
  ; #line 36
  %v110 = fmul <8 x float> %v89, %v109
  ; #line 39
  %v113 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v110, <8 x float> %v91, <8 x float> %v112)
  ; #line 36
  %v114 = fmul <8 x float> %v90, %v109
  ; #line 39
  %v115 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v114, <8 x float> %v92, <8 x float> %v112)
  ; #line 23
  %v116 = icmp slt <8 x i32> %v99, splat (i32 50)
  ; #line 25
  %v117 = fmul <8 x float> %v113, %v113
  ; #line 26
  %v118 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v104, <8 x float> %v104, <8 x float> %v117)
  ; #line 28
  %v119 = fcmp olt <8 x float> %v118, %v73
  ; #line 29
  %v120 = and <8 x i1> %v116, %v119
  ; #line 30
  %v121 = and <8 x i1> %v97, %v120
  %v122 = sext <8 x i1> %v120 to <8 x i32>
  %v123 = and <8 x i32> %v95, %v122
  ; #line 23
  %v124 = icmp slt <8 x i32> %v100, splat (i32 50)
  ; #line 25
  %v125 = fmul <8 x float> %v115, %v115
  ; #line 26
  %v126 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v108, <8 x float> %v108, <8 x float> %v125)
  ; #line 28
  %v127 = fcmp olt <8 x float> %v126, %v73
  ; #line 29
  %v128 = and <8 x i1> %v124, %v127
  ; #line 30
  %v129 = and <8 x i1> %v98, %v128
  %v130 = sext <8 x i1> %v128 to <8 x i32>
  %v131 = and <8 x i32> %v96, %v130
  br label %next87
next87:
  ; #line 30
  %v132 = icmp slt <8 x i32> %v123, zeroinitializer
  %v133 = icmp slt <8 x i32> %v131, zeroinitializer
  %v134 = or <8 x i1> %v132, %v133
  %v135 = bitcast <8 x i1> %v134 to i8
  %v136 = icmp ne i8 %v135, 0
  br i1 %v136, label %loop85, label %after88
after88:
  br label %join83
else137:
  br label %join83
join83:
  ; #line 30
  %v138 = phi <8 x float> [ %v104, %after88 ], [ %v59, %else137 ]
  %v139 = phi <8 x float> [ %v108, %after88 ], [ %v70, %else137 ]
  %v140 = phi <8 x float> [ %v113, %after88 ], [ %v59, %else137 ]
  %v141 = phi <8 x float> [ %v115, %after88 ], [ %v70, %else137 ]
  %v142 = phi <8 x i32> [ %v99, %after88 ], [ splat (i32 0), %else137 ]
  %v143 = phi <8 x i32> [ %v100, %after88 ], [ splat (i32 0), %else137 ]
  %v144 = phi <8 x i32> [ %v123, %after88 ], [ %v75, %else137 ]
  %v145 = phi <8 x i32> [ %v131, %after88 ], [ %v79, %else137 ]
  %v146 = icmp slt <8 x i32> %v144, zeroinitializer
  %v147 = icmp slt <8 x i32> %v145, zeroinitializer
  ; #line 43
  %v150 = add i64 %v149, %v42
  %v151 = sub i64 %v16, %v150
  %v152 = sub i64 0, %v150
  %v153 = call i64 @llvm.smin.i64(i64 %v151, i64 8)
  %v154 = call i64 @llvm.smax.i64(i64 %v153, i64 0)
  %v155 = trunc i64 %v154 to i32
  %v156 = insertelement <8 x i32> poison, i32 %v155, i64 0
  %v157 = shufflevector <8 x i32> %v156, <8 x i32> poison, <8 x i32> zeroinitializer
  %v158 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v157
  %v159 = call i64 @llvm.smin.i64(i64 %v152, i64 8)
  %v160 = call i64 @llvm.smax.i64(i64 %v159, i64 0)
  %v161 = trunc i64 %v160 to i32
  %v162 = insertelement <8 x i32> poison, i32 %v161, i64 0
  %v163 = shufflevector <8 x i32> %v162, <8 x i32> poison, <8 x i32> zeroinitializer
  %v164 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v163
  %v165 = and <8 x i1> %v158, %v164
  %v168 = and <8 x i1> %v167, %v165
  %v172 = getelementptr i32, ptr %v171, i64 %v42
  %v173 = bitcast <8 x i1> %v168 to i8
  %v174 = icmp eq i8 %v173, -1
  br i1 %v174, label %then176, label %else177
then176:
  ; #line 43
  store <8 x i32> %v142, ptr %v172, align 4
  br label %join175
else177:
  ; #line 43
  call void @llvm.masked.store.v8i32.p0(<8 x i32> %v142, ptr %v172, i32 4, <8 x i1> %v168)
  br label %join175
join175:
  ; #line 43
  %v179 = add i64 %v149, %v60
  %v180 = sub i64 %v16, %v179
  %v181 = sub i64 0, %v179
  %v182 = call i64 @llvm.smin.i64(i64 %v180, i64 8)
  %v183 = call i64 @llvm.smax.i64(i64 %v182, i64 0)
  %v184 = trunc i64 %v183 to i32
  %v185 = insertelement <8 x i32> poison, i32 %v184, i64 0
  %v186 = shufflevector <8 x i32> %v185, <8 x i32> poison, <8 x i32> zeroinitializer
  %v187 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v186
  %v188 = call i64 @llvm.smin.i64(i64 %v181, i64 8)
  %v189 = call i64 @llvm.smax.i64(i64 %v188, i64 0)
  %v190 = trunc i64 %v189 to i32
  %v191 = insertelement <8 x i32> poison, i32 %v190, i64 0
  %v192 = shufflevector <8 x i32> %v191, <8 x i32> poison, <8 x i32> zeroinitializer
  %v193 = icmp uge <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v192
  %v194 = and <8 x i1> %v187, %v193
  %v197 = and <8 x i1> %v196, %v194
  %v201 = getelementptr i32, ptr %v200, i64 %v60
  %v202 = bitcast <8 x i1> %v197 to i8
  %v203 = icmp eq i8 %v202, -1
  br i1 %v203, label %then205, label %else206
then205:
  ; #line 43
  store <8 x i32> %v143, ptr %v201, align 4
  br label %join204
else206:
  ; #line 43
  call void @llvm.masked.store.v8i32.p0(<8 x i32> %v143, ptr %v201, i32 4, <8 x i1> %v197)
  br label %join204
join204:
  br label %next40
next40:
  ; #line 43
  %v207 = add nsw i64 %v42, 16
  %v208 = icmp slt i64 %v207, 64
  br i1 %v208, label %loop38, label %after41
after41:
  ; #line 44
  br label %next27
next27:
  ; #line 44
  %v209 = add nsw i64 %v29, 1
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
