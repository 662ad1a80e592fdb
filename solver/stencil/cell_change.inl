// SPDX-License-Identifier: BSD-3-Clause
// The explicit change of one cell, and what stages make of it: the only place where their arithmetic is written. Included inside a
// namespace, once for plain numbers and once for the vectors of each instruction set, because a function
// must be compiled for the instruction set of its caller.
//
// V is a number or a vector of numbers; c is the cell, w e s n its neighbours, change what a step of length dt
// adds to it. No product is fused with a sum
// that it would round differently, so every instruction set gives the same bits. Less(sum, k, c) is
// sum - k c for k a power of two: that product is exact, fused or not.

/// The change of a cell in one material and square cells, r = dt k / (rho_c h^2):
///   r (((w + e) + (s + n)) - 4 c)
/// A constant field stays as it is, and turning or mirroring the field turns or mirrors every bit.
template <class V, class Less>
CALOR_INLINE V change_square(V c, V w, V e, V s, V n, V r, Less less) {
  return r * less((w + e) + (s + n), 4, c);
}

/// The same in one material, rx = dt kx / (rho_c dx^2), ry likewise:  rx ((w + e) - 2 c) + ry ((s + n) - 2 c).
template <class V, class Less>
CALOR_INLINE V change_uniform(V c, V w, V e, V s, V n, V rx, V ry, Less less) {
  return rx * less(w + e, 2, c) + ry * less(s + n, 2, c);
}

/// div(k grad u) from the fluxes F through the four faces, each times 1/dx or 1/dy.
template <class V>
CALOR_INLINE V divergence(V west, V east, V south, V north) {
  return (east - west) + (north - south);
}

/// Flux through a face: g (there - here), g = k_face / h^2.
template <class V>
CALOR_INLINE V flux(V g, V here, V there) {
  return g * (there - here);
}

/// A stage of the Chebyshev recursion. TwiceLess(c, before) is 2 c - before, fused or not.
template <class V, class TwiceLess>
CALOR_INLINE V chebyshev(V c, V before, V change, TwiceLess twice_less) {
  return twice_less(c, before) + change;
}

/// A stage of the Runge-Kutta-Legendre recursion.
template <class V>
CALOR_INLINE V legendre(V c, V before, V change, V first, V first_change, V mu, V nu, V rest, V g) {
  return (mu * (c + change) + nu * before) + (rest * first + g * first_change);
}
