#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/errors.h"
#include "rondo/profile.h"

namespace rondo::api {

/// IOptimizationProfile: what was set, by input name. Copied into a configuration by addOptimizationProfile.
class Profile final : public IOptimizationProfile {
 public:
  struct Shape {
    std::array<std::optional<Dims>, 3> dims;  ///< by OptProfileSelector
  };
  struct Values {
    std::array<std::vector<int64_t>, 3> wide;
    std::array<std::vector<int32_t>, 3> narrow;  ///< the same for the 32-bit getter
    std::array<bool, 3> set{};
  };

  explicit Profile(const ErrorSink& sink) : sink_(sink) {}
  ~Profile() noexcept override = default;

  bool setDimensions(char const* inputName, OptProfileSelector select, Dims const& dims) noexcept override;
  Dims getDimensions(char const* inputName, OptProfileSelector select) const noexcept override;
  bool setShapeValues(char const* inputName, OptProfileSelector select, int32_t const* values,
                      int32_t nbValues) noexcept override;
  int32_t getNbShapeValues(char const* inputName) const noexcept override;
  int32_t const* getShapeValues(char const* inputName, OptProfileSelector select) const noexcept override;
  bool setShapeValuesV2(char const* inputName, OptProfileSelector select, int64_t const* values,
                        int32_t nbValues) noexcept override;
  int64_t const* getShapeValuesV2(char const* inputName, OptProfileSelector select) const noexcept override;
  bool setExtraMemoryTarget(float target) noexcept override;
  float getExtraMemoryTarget() const noexcept override { return extra_memory_; }
  bool isValid() const noexcept override;

  const std::map<std::string, Shape>& shapes() const { return shapes_; }
  const std::map<std::string, Values>& values() const { return values_; }
  /// Throws Error naming the first input that breaks C1, C2 or C4 of IOptimizationProfile.
  void require_valid() const;
  /// Takes over what another profile holds; its sink stays.
  void copy_from(const Profile& other);

 private:
  void set_values(const char* name, OptProfileSelector select, std::vector<int64_t> values);
  const Values* find_values(const char* name, OptProfileSelector select) const;

  const ErrorSink& sink_;
  std::map<std::string, Shape> shapes_;
  std::map<std::string, Values> values_;
  float extra_memory_ = 1;
};

}  // namespace rondo::api
