/// NnError: what the functions of rondo::nn throw.
#pragma once

#include <stdexcept>
#include <string>

namespace rondo::nn {

/// A mistake in what a function was given. The text names the layer, what is wrong and what is needed; where the network refused a layer,
/// its logger has had the reason before.
class NnError : public std::runtime_error {
 public:
  /// Keeps the text.
  explicit NnError(const std::string& text) : std::runtime_error(text) {}
};

}  // namespace rondo::nn
