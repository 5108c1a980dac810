/// IEinsumLayer: sums of products by an equation.
#pragma once

#include "rondo/layer.h"

namespace rondo {

/// Computes a sum of products over named dimensions.
///
/// The equation has one term per input, separated by commas; each letter of a term names a dimension. "ij,jk->ik" is a matrix
/// product. Behind the arrow stand the dimensions of the result; all others are summed over. Without an arrow the result has the
/// dimensions of the ellipses, then the letters that occur once, in alphabetical order. A letter that stands twice in a term
/// takes the diagonal. "..." stands for any number of dimensions, which broadcast from the right; a result that leaves them out
/// sums over them. Spaces are ignored. Products are formed from left to right, two inputs at a time.
/// Shapes    inputs [by the terms] -> y [by the output]; equal letters have equal extents, or 1, which broadcasts
/// Requires  (C1) letters, commas, "...", one "->", spaces   (C2) one term per input   (C3) as many letters as dimensions
///           (C4) extents of one letter equal or 1   (C5) output letters distinct, each in a term   (C6) one float type, int32 or
///           int64   (C7) a result of rank 8 at most
class IEinsumLayer : public ILayer {
 public:
  /// Replaces the equation.
  /// Errors    kINVALID_ARGUMENT, false, if it is null, malformed, or its number of terms is not that of the inputs
  virtual bool setEquation(char const* equation) noexcept = 0;
  virtual char const* getEquation() const noexcept = 0;
};

}  // namespace rondo
