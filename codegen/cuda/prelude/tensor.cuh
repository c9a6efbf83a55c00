// Products of 16 by 8 elements, added to those that a thread holds of two rows.
// needs: base ptx_matrix

// The two rows lie `Across` elements apart.
template <int Across, class Multiply, class T>
__device__ __forceinline__ void tensor_add(Multiply multiply, T* held, const unsigned (&a)[4],
                                           unsigned b0, unsigned b1) {
  T d[4] = {held[0], held[1], held[Across], held[Across + 1]};
  const unsigned b[2] = {b0, b1};
  multiply(d, a, b);
  held[0] = d[0];
  held[1] = d[1];
  held[Across] = d[2];
  held[Across + 1] = d[3];
}

// Two neighbours of two bytes as a word of an operand.
template <class T>
__device__ __forceinline__ unsigned pair_of(T low, T high) {
  return bits<unsigned short>(low) | static_cast<unsigned>(bits<unsigned short>(high)) << 16;
}
