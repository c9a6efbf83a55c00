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
  %v14 = load ptr, ptr %v13, align 8, !invariant.load !{}
  %v15 = getelementptr i8, ptr %arguments, i64 56
  %v16 = load i64, ptr %v15, align 8, !invariant.load !{}
  br label %loop17
loop17:
  %v21 = phi i64 [ %first, %entry ], [ %v206, %next19 ]
  %v22 = icmp slt i64 %v21, %last
  br i1 %v22, label %body18, label %after20
body18:
  %v23 = udiv i64 %v21, %v4
  %v24 = urem i64 %v21, %v4
  %v25 = urem i64 %v23, %v6
  %v26 = udiv i64 %v23, %v6
  %v27 = sub i64 %v12, 0
  %v28 = icmp sge i64 0, 0
  %v29 = sub i64 %v16, 0
  %v30 = icmp sge i64 0, 0
  %v31 = select i1 %v28, i64 %v27, i64 0
  %v32 = select i1 %v30, i64 %v29, i64 0
  %v33 = call i64 @llvm.smin.i64(i64 %v31, i64 %v32)
  %v34 = call i64 @llvm.smin.i64(i64 %v33, i64 40)
  %v35 = call i64 @llvm.smax.i64(i64 %v34, i64 0)
  %v36 = udiv i64 %v35, 32
  %v37 = mul i64 %v36, 32
  br label %loop38
loop38:
  %v42 = phi i64 [ 0, %body18 ], [ %v52, %next40 ]
  %v43 = icmp slt i64 %v42, %v37
  br i1 %v43, label %body39, label %after41
body39:
  ; #line 1
  %v44 = getelementptr float, ptr %v10, i64 %v42
  %v45 = load <32 x float>, ptr %v44, align 4
  ; #line 3
  %v46 = getelementptr float, ptr %v14, i64 %v42
  %v47 = load <32 x float>, ptr %v46, align 4
  ; #line 1
  %v48 = getelementptr i8, ptr %v1, i64 128
  %v49 = getelementptr float, ptr %v48, i64 %v42
  store <32 x float> %v45, ptr %v49, align 4
  ; #line 3
  %v50 = getelementptr i8, ptr %v1, i64 320
  %v51 = getelementptr float, ptr %v50, i64 %v42
  store <32 x float> %v47, ptr %v51, align 4
  br label %next40
next40:
  ; #line 3
  %v52 = add nsw i64 %v42, 32
  br label %loop38
after41:
  br label %loop53
loop53:
  %v57 = phi i64 [ %v37, %after41 ], [ %v83, %next55 ]
  ; #line 3
  %v58 = icmp slt i64 %v57, 40
  br i1 %v58, label %body54, label %after56
body54:
  ; #line 1
  %v59 = add i64 0, %v57
  %v60 = sub i64 %v12, %v59
  %v61 = call i64 @llvm.smin.i64(i64 %v60, i64 8)
  %v62 = call i64 @llvm.smax.i64(i64 %v61, i64 0)
  %v63 = trunc i64 %v62 to i32
  %v64 = insertelement <8 x i32> poison, i32 %v63, i64 0
  %v65 = shufflevector <8 x i32> %v64, <8 x i32> poison, <8 x i32> zeroinitializer
  %v66 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v65
  %v67 = getelementptr float, ptr %v10, i64 %v57
  %v68 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v67, i32 4, <8 x i1> %v66, <8 x float> zeroinitializer)
  ; #line 3
  %v69 = add i64 0, %v57
  %v70 = sub i64 %v16, %v69
  %v71 = call i64 @llvm.smin.i64(i64 %v70, i64 8)
  %v72 = call i64 @llvm.smax.i64(i64 %v71, i64 0)
  %v73 = trunc i64 %v72 to i32
  %v74 = insertelement <8 x i32> poison, i32 %v73, i64 0
  %v75 = shufflevector <8 x i32> %v74, <8 x i32> poison, <8 x i32> zeroinitializer
  %v76 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v75
  %v77 = getelementptr float, ptr %v14, i64 %v57
  %v78 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v77, i32 4, <8 x i1> %v76, <8 x float> zeroinitializer)
  ; #line 1
  %v79 = getelementptr i8, ptr %v1, i64 128
  %v80 = getelementptr float, ptr %v79, i64 %v57
  store <8 x float> %v68, ptr %v80, align 4
  ; #line 3
  %v81 = getelementptr i8, ptr %v1, i64 320
  %v82 = getelementptr float, ptr %v81, i64 %v57
  store <8 x float> %v78, ptr %v82, align 4
  br label %next55
next55:
  ; #line 3
  %v83 = add nsw i64 %v57, 8
  br label %loop53
after56:
  ; #line 3
  %v84 = sub i64 %v16, 0
  %v85 = icmp sge i64 0, 0
  %v86 = select i1 %v85, i64 %v84, i64 0
  %v87 = call i64 @llvm.smin.i64(i64 %v86, i64 40)
  %v88 = call i64 @llvm.smax.i64(i64 %v87, i64 0)
  %v89 = udiv i64 %v88, 32
  %v90 = mul i64 %v89, 32
  br label %loop91
loop91:
  %v95 = phi i64 [ 0, %after56 ], [ %v102, %next93 ]
  ; #line 3
  %v96 = icmp slt i64 %v95, %v90
  br i1 %v96, label %body92, label %after94
body92:
  ; #line 1
  %v97 = getelementptr i8, ptr %v1, i64 128
  %v98 = getelementptr float, ptr %v97, i64 %v95
  %v99 = load <32 x float>, ptr %v98, align 4
  ; #line 5
  %v100 = fadd <32 x float> %v99, splat (float 0x3FF0000000000000)
  ; #line 7
  %v101 = getelementptr float, ptr %v14, i64 %v95
  store <32 x float> %v100, ptr %v101, align 4
  br label %next93
next93:
  ; #line 7
  %v102 = add nsw i64 %v95, 32
  br label %loop91
after94:
  ; #line 5
  %v112 = load <8 x float>, ptr @"v8f32 1.0", !invariant.load !{}
  br label %loop103
loop103:
  %v107 = phi i64 [ %v90, %after94 ], [ %v123, %next105 ]
  ; #line 7
  %v108 = icmp slt i64 %v107, 40
  br i1 %v108, label %body104, label %after106
body104:
  ; #line 1
  %v109 = getelementptr i8, ptr %v1, i64 128
  %v110 = getelementptr float, ptr %v109, i64 %v107
  %v111 = load <8 x float>, ptr %v110, align 4
  ; #line 5
  %v113 = fadd <8 x float> %v111, %v112
  ; #line 7
  %v114 = add i64 0, %v107
  %v115 = sub i64 %v16, %v114
  %v116 = call i64 @llvm.smin.i64(i64 %v115, i64 8)
  %v117 = call i64 @llvm.smax.i64(i64 %v116, i64 0)
  %v118 = trunc i64 %v117 to i32
  %v119 = insertelement <8 x i32> poison, i32 %v118, i64 0
  %v120 = shufflevector <8 x i32> %v119, <8 x i32> poison, <8 x i32> zeroinitializer
  %v121 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v120
  %v122 = getelementptr float, ptr %v14, i64 %v107
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v113, ptr %v122, i32 4, <8 x i1> %v121)
  br label %next105
next105:
  ; #line 7
  %v123 = add nsw i64 %v107, 8
  br label %loop103
after106:
  ; #line 7
  %v124 = sub i64 %v16, 0
  %v125 = icmp sge i64 0, 0
  %v126 = select i1 %v125, i64 %v124, i64 0
  %v127 = call i64 @llvm.smin.i64(i64 %v126, i64 40)
  %v128 = call i64 @llvm.smax.i64(i64 %v127, i64 0)
  %v129 = udiv i64 %v128, 32
  %v130 = mul i64 %v129, 32
  br label %loop131
loop131:
  %v135 = phi i64 [ 0, %after106 ], [ %v141, %next133 ]
  ; #line 7
  %v136 = icmp slt i64 %v135, %v130
  br i1 %v136, label %body132, label %after134
body132:
  ; #line 9
  %v137 = getelementptr float, ptr %v14, i64 %v135
  %v138 = load <32 x float>, ptr %v137, align 4
  %v139 = getelementptr i8, ptr %v1, i64 512
  %v140 = getelementptr float, ptr %v139, i64 %v135
  store <32 x float> %v138, ptr %v140, align 4
  br label %next133
next133:
  ; #line 9
  %v141 = add nsw i64 %v135, 32
  br label %loop131
after134:
  br label %loop142
loop142:
  %v146 = phi i64 [ %v130, %after134 ], [ %v160, %next144 ]
  ; #line 9
  %v147 = icmp slt i64 %v146, 40
  br i1 %v147, label %body143, label %after145
body143:
  ; #line 9
  %v148 = add i64 0, %v146
  %v149 = sub i64 %v16, %v148
  %v150 = call i64 @llvm.smin.i64(i64 %v149, i64 8)
  %v151 = call i64 @llvm.smax.i64(i64 %v150, i64 0)
  %v152 = trunc i64 %v151 to i32
  %v153 = insertelement <8 x i32> poison, i32 %v152, i64 0
  %v154 = shufflevector <8 x i32> %v153, <8 x i32> poison, <8 x i32> zeroinitializer
  %v155 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v154
  %v156 = getelementptr float, ptr %v14, i64 %v146
  %v157 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v156, i32 4, <8 x i1> %v155, <8 x float> zeroinitializer)
  %v158 = getelementptr i8, ptr %v1, i64 512
  %v159 = getelementptr float, ptr %v158, i64 %v146
  store <8 x float> %v157, ptr %v159, align 4
  br label %next144
next144:
  ; #line 9
  %v160 = add nsw i64 %v146, 8
  br label %loop142
after145:
  ; #line 9
  %v161 = sub i64 %v12, 0
  %v162 = icmp sge i64 0, 0
  %v163 = select i1 %v162, i64 %v161, i64 0
  %v164 = call i64 @llvm.smin.i64(i64 %v163, i64 40)
  %v165 = call i64 @llvm.smax.i64(i64 %v164, i64 0)
  %v166 = udiv i64 %v165, 32
  %v167 = mul i64 %v166, 32
  br label %loop168
loop168:
  %v172 = phi i64 [ 0, %after145 ], [ %v182, %next170 ]
  ; #line 9
  %v173 = icmp slt i64 %v172, %v167
  br i1 %v173, label %body169, label %after171
body169:
  ; #line 3
  %v174 = getelementptr i8, ptr %v1, i64 320
  %v175 = getelementptr float, ptr %v174, i64 %v172
  %v176 = load <32 x float>, ptr %v175, align 4
  ; #line 9
  %v177 = getelementptr i8, ptr %v1, i64 512
  %v178 = getelementptr float, ptr %v177, i64 %v172
  %v179 = load <32 x float>, ptr %v178, align 4
  ; #line 10
  %v180 = fadd <32 x float> %v176, %v179
  ; #line 12
  %v181 = getelementptr float, ptr %v10, i64 %v172
  store <32 x float> %v180, ptr %v181, align 4
  br label %next170
next170:
  ; #line 12
  %v182 = add nsw i64 %v172, 32
  br label %loop168
after171:
  br label %loop183
loop183:
  %v187 = phi i64 [ %v167, %after171 ], [ %v205, %next185 ]
  ; #line 12
  %v188 = icmp slt i64 %v187, 40
  br i1 %v188, label %body184, label %after186
body184:
  ; #line 3
  %v189 = getelementptr i8, ptr %v1, i64 320
  %v190 = getelementptr float, ptr %v189, i64 %v187
  %v191 = load <8 x float>, ptr %v190, align 4
  ; #line 9
  %v192 = getelementptr i8, ptr %v1, i64 512
  %v193 = getelementptr float, ptr %v192, i64 %v187
  %v194 = load <8 x float>, ptr %v193, align 4
  ; #line 10
  %v195 = fadd <8 x float> %v191, %v194
  ; #line 12
  %v196 = add i64 0, %v187
  %v197 = sub i64 %v12, %v196
  %v198 = call i64 @llvm.smin.i64(i64 %v197, i64 8)
  %v199 = call i64 @llvm.smax.i64(i64 %v198, i64 0)
  %v200 = trunc i64 %v199 to i32
  %v201 = insertelement <8 x i32> poison, i32 %v200, i64 0
  %v202 = shufflevector <8 x i32> %v201, <8 x i32> poison, <8 x i32> zeroinitializer
  %v203 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v202
  %v204 = getelementptr float, ptr %v10, i64 %v187
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v195, ptr %v204, i32 4, <8 x i1> %v203)
  br label %next185
next185:
  ; #line 12
  %v205 = add nsw i64 %v187, 8
  br label %loop183
after186:
  ; #line 13
  br label %next19
next19:
  ; #line 13
  %v206 = add nsw i64 %v21, 1
  br label %loop17
after20:
  ; #line 13
  ret i32 0
failed:
  ret i32 1
}

declare i64 @llvm.smin.i64(i64, i64)
declare i64 @llvm.smax.i64(i64, i64)
declare <8 x float> @llvm.masked.load.v8f32.p0(ptr, i32, <8 x i1>, <8 x float>)
@"v8f32 1.0" = internal externally_initialized constant <8 x float> splat (float 0x3FF0000000000000), align 32
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32, <8 x i1>)

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
