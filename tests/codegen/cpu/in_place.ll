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
  %v21 = phi i64 [ %first, %entry ], [ %v205, %next19 ]
  %v22 = icmp slt i64 %v21, %last
  br i1 %v22, label %body18, label %after20
body18:
  %v23 = udiv i64 %v21, %v4
  %v24 = urem i64 %v21, %v4
  %v25 = urem i64 %v23, %v6
  %v26 = udiv i64 %v23, %v6
  %v27 = sub i64 %v12, 0
  %v28 = icmp sge i64 0, 0
  %v29 = select i1 %v28, i64 %v27, i64 0
  %v30 = sub i64 %v16, 0
  %v31 = icmp sge i64 0, 0
  %v32 = select i1 %v31, i64 %v30, i64 0
  %v33 = call i64 @llvm.smin.i64(i64 %v29, i64 %v32)
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
  br label %loop103
loop103:
  %v107 = phi i64 [ %v90, %after94 ], [ %v122, %next105 ]
  ; #line 7
  %v108 = icmp slt i64 %v107, 40
  br i1 %v108, label %body104, label %after106
body104:
  ; #line 1
  %v109 = getelementptr i8, ptr %v1, i64 128
  %v110 = getelementptr float, ptr %v109, i64 %v107
  %v111 = load <8 x float>, ptr %v110, align 4
  ; #line 5
  %v112 = fadd <8 x float> %v111, splat (float 0x3FF0000000000000)
  ; #line 7
  %v113 = add i64 0, %v107
  %v114 = sub i64 %v16, %v113
  %v115 = call i64 @llvm.smin.i64(i64 %v114, i64 8)
  %v116 = call i64 @llvm.smax.i64(i64 %v115, i64 0)
  %v117 = trunc i64 %v116 to i32
  %v118 = insertelement <8 x i32> poison, i32 %v117, i64 0
  %v119 = shufflevector <8 x i32> %v118, <8 x i32> poison, <8 x i32> zeroinitializer
  %v120 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v119
  %v121 = getelementptr float, ptr %v14, i64 %v107
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v112, ptr %v121, i32 4, <8 x i1> %v120)
  br label %next105
next105:
  ; #line 7
  %v122 = add nsw i64 %v107, 8
  br label %loop103
after106:
  ; #line 7
  %v123 = sub i64 %v16, 0
  %v124 = icmp sge i64 0, 0
  %v125 = select i1 %v124, i64 %v123, i64 0
  %v126 = call i64 @llvm.smin.i64(i64 %v125, i64 40)
  %v127 = call i64 @llvm.smax.i64(i64 %v126, i64 0)
  %v128 = udiv i64 %v127, 32
  %v129 = mul i64 %v128, 32
  br label %loop130
loop130:
  %v134 = phi i64 [ 0, %after106 ], [ %v140, %next132 ]
  ; #line 7
  %v135 = icmp slt i64 %v134, %v129
  br i1 %v135, label %body131, label %after133
body131:
  ; #line 9
  %v136 = getelementptr float, ptr %v14, i64 %v134
  %v137 = load <32 x float>, ptr %v136, align 4
  %v138 = getelementptr i8, ptr %v1, i64 512
  %v139 = getelementptr float, ptr %v138, i64 %v134
  store <32 x float> %v137, ptr %v139, align 4
  br label %next132
next132:
  ; #line 9
  %v140 = add nsw i64 %v134, 32
  br label %loop130
after133:
  br label %loop141
loop141:
  %v145 = phi i64 [ %v129, %after133 ], [ %v159, %next143 ]
  ; #line 9
  %v146 = icmp slt i64 %v145, 40
  br i1 %v146, label %body142, label %after144
body142:
  ; #line 9
  %v147 = add i64 0, %v145
  %v148 = sub i64 %v16, %v147
  %v149 = call i64 @llvm.smin.i64(i64 %v148, i64 8)
  %v150 = call i64 @llvm.smax.i64(i64 %v149, i64 0)
  %v151 = trunc i64 %v150 to i32
  %v152 = insertelement <8 x i32> poison, i32 %v151, i64 0
  %v153 = shufflevector <8 x i32> %v152, <8 x i32> poison, <8 x i32> zeroinitializer
  %v154 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v153
  %v155 = getelementptr float, ptr %v14, i64 %v145
  %v156 = call <8 x float> @llvm.masked.load.v8f32.p0(ptr %v155, i32 4, <8 x i1> %v154, <8 x float> zeroinitializer)
  %v157 = getelementptr i8, ptr %v1, i64 512
  %v158 = getelementptr float, ptr %v157, i64 %v145
  store <8 x float> %v156, ptr %v158, align 4
  br label %next143
next143:
  ; #line 9
  %v159 = add nsw i64 %v145, 8
  br label %loop141
after144:
  ; #line 9
  %v160 = sub i64 %v12, 0
  %v161 = icmp sge i64 0, 0
  %v162 = select i1 %v161, i64 %v160, i64 0
  %v163 = call i64 @llvm.smin.i64(i64 %v162, i64 40)
  %v164 = call i64 @llvm.smax.i64(i64 %v163, i64 0)
  %v165 = udiv i64 %v164, 32
  %v166 = mul i64 %v165, 32
  br label %loop167
loop167:
  %v171 = phi i64 [ 0, %after144 ], [ %v181, %next169 ]
  ; #line 9
  %v172 = icmp slt i64 %v171, %v166
  br i1 %v172, label %body168, label %after170
body168:
  ; #line 3
  %v173 = getelementptr i8, ptr %v1, i64 320
  %v174 = getelementptr float, ptr %v173, i64 %v171
  %v175 = load <32 x float>, ptr %v174, align 4
  ; #line 9
  %v176 = getelementptr i8, ptr %v1, i64 512
  %v177 = getelementptr float, ptr %v176, i64 %v171
  %v178 = load <32 x float>, ptr %v177, align 4
  ; #line 10
  %v179 = fadd <32 x float> %v175, %v178
  ; #line 12
  %v180 = getelementptr float, ptr %v10, i64 %v171
  store <32 x float> %v179, ptr %v180, align 4
  br label %next169
next169:
  ; #line 12
  %v181 = add nsw i64 %v171, 32
  br label %loop167
after170:
  br label %loop182
loop182:
  %v186 = phi i64 [ %v166, %after170 ], [ %v204, %next184 ]
  ; #line 12
  %v187 = icmp slt i64 %v186, 40
  br i1 %v187, label %body183, label %after185
body183:
  ; #line 3
  %v188 = getelementptr i8, ptr %v1, i64 320
  %v189 = getelementptr float, ptr %v188, i64 %v186
  %v190 = load <8 x float>, ptr %v189, align 4
  ; #line 9
  %v191 = getelementptr i8, ptr %v1, i64 512
  %v192 = getelementptr float, ptr %v191, i64 %v186
  %v193 = load <8 x float>, ptr %v192, align 4
  ; #line 10
  %v194 = fadd <8 x float> %v190, %v193
  ; #line 12
  %v195 = add i64 0, %v186
  %v196 = sub i64 %v12, %v195
  %v197 = call i64 @llvm.smin.i64(i64 %v196, i64 8)
  %v198 = call i64 @llvm.smax.i64(i64 %v197, i64 0)
  %v199 = trunc i64 %v198 to i32
  %v200 = insertelement <8 x i32> poison, i32 %v199, i64 0
  %v201 = shufflevector <8 x i32> %v200, <8 x i32> poison, <8 x i32> zeroinitializer
  %v202 = icmp ult <8 x i32> <i32 0, i32 1, i32 2, i32 3, i32 4, i32 5, i32 6, i32 7>, %v201
  %v203 = getelementptr float, ptr %v10, i64 %v186
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v194, ptr %v203, i32 4, <8 x i1> %v202)
  br label %next184
next184:
  ; #line 12
  %v204 = add nsw i64 %v186, 8
  br label %loop182
after185:
  ; #line 13
  br label %next19
next19:
  ; #line 13
  %v205 = add nsw i64 %v21, 1
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
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32, <8 x i1>)

attributes #0 = { nounwind "no-builtins" "no-stack-arg-probe" "target-cpu"="x86-64-v3" }
