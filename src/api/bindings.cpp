#include "api/bindings.h"

#include <map>

#include "base/checked.h"

namespace rondo::api {

namespace {

constexpr const char* kSelectorNames[] = {"kMIN", "kOPT", "kMAX"};
constexpr int64_t kMaxShapeElements = 64;

template <class... Args>
void require_config(bool condition, const Args&... message) {
  if (!condition) fail(Code::kInvalidConfig, message...);
}

bool is_dynamic(const Dims& dims) {
  return std::any_of(dims.d, dims.d + dims.nbDims, [](int64_t extent) { return extent < 0; });
}

// Elements of an input that decides shapes.
int64_t element_count(const Tensor& input) {
  const Dims& dims = input.declared_dims();
  const DataType type = input.declared_type();
  const bool integer = type == DataType::kINT32 || type == DataType::kINT64 || type == DataType::kBOOL;
  require(integer && dims.nbDims <= 1 && !is_dynamic(dims), "network input '", input.given_name(), "' ",
          dims_text(dims), " decides shapes: it must be a static int32, int64 or bool tensor of rank 0 or 1");
  const int64_t count = dims.nbDims == 0 ? 1 : dims.d[0];
  require(count <= kMaxShapeElements, "network input '", input.given_name(), "' decides shapes and has ", count,
          " elements; at most ", kMaxShapeElements, " are possible");
  return count;
}

std::string element_name(const Tensor& input, size_t index) { return text(input.given_name(), ".value.", index); }

// The three shapes of an input in one profile (all equal where it is static), checked against the network.
std::vector<Dims> profile_shapes(const Tensor& input, const Profile* profile, size_t number) {
  const Dims& declared = input.declared_dims();
  const auto* found =
      profile && profile->shapes().count(input.given_name()) ? &profile->shapes().at(input.given_name()) : nullptr;
  if (!found) {
    require_config(!is_dynamic(declared), "network input '", input.given_name(), "' ", dims_text(declared),
                   " is dynamic but ",
                   profile ? text("profile ", number, " has no shapes for it") : "there is no profile",
                   "; set kMIN, kOPT and kMAX with IOptimizationProfile::setDimensions and add the profile");
    return {declared, declared, declared};
  }
  std::vector<Dims> shapes;
  for (size_t s = 0; s < 3; ++s) {
    const Dims& dims = *found->dims[s];
    const auto who = text("profile ", number, ": ", kSelectorNames[s], " ", dims_text(dims), " of network input '",
                          input.given_name(), "' ", dims_text(declared));
    require_config(dims.nbDims == declared.nbDims, who, " has another rank");
    for (int32_t i = 0; i < dims.nbDims; ++i) {
      require_config(declared.d[i] < 0 || declared.d[i] == dims.d[i], who, " changes static dimension ", i);
    }
    shapes.push_back(dims);
  }
  return shapes;
}

const Profile::Values& profile_values(const Tensor& input, const Profile* profile, size_t number) {
  const auto count = static_cast<size_t>(element_count(input));
  require_config(profile && profile->values().count(input.given_name()), "network input '", input.given_name(),
                 "' decides shapes but ",
                 profile ? text("profile ", number, " has no values for it") : "there is no profile",
                 "; set kMIN, kOPT and kMAX with IOptimizationProfile::setShapeValues and add the profile");
  const Profile::Values& values = profile->values().at(input.given_name());
  require_config(values.wide[0].size() == count, "profile ", number, ": ", values.wide[0].size(),
                 " shape values for network input '", input.given_name(), "', which has ", count, " elements");
  return values;
}

plan::Profile plan_profile(const Network& network, const Profile* profile, size_t number, const ShapeTensors& shapes) {
  plan::Profile result;
  for (const auto& input : network.inputs()) {
    plan::Profile::Input ranges;
    std::vector<int64_t>* dims[] = {&ranges.min, &ranges.opt, &ranges.max};
    std::vector<int64_t>* values[] = {&ranges.value_min, &ranges.value_opt, &ranges.value_max};
    const std::vector<Dims> given = profile_shapes(*input, profile, number);
    for (size_t s = 0; s < 3; ++s) dims[s]->assign(given[s].d, given[s].d + given[s].nbDims);
    if (shapes.contains(*input)) {
      const Profile::Values& elements = profile_values(*input, profile, number);
      for (size_t s = 0; s < 3; ++s) *values[s] = elements.wide[s];
    }
    result.inputs.push_back(std::move(ranges));
  }
  return result;
}

// The hull of one number over all profiles; opt is the first profile's.
template <class Pick>
ir::Range hull(const std::vector<plan::Profile>& profiles, Pick pick) {
  ir::Range range = pick(profiles[0]);
  for (const plan::Profile& profile : profiles) {
    const ir::Range other = pick(profile);
    range.min = std::min(range.min, other.min);
    range.max = std::max(range.max, other.max);
  }
  return range;
}

ir::Dim add_extent(ir::DimPool& pool, const Tensor& input, size_t number, size_t axis,
                   const std::vector<plan::Profile>& profiles, std::map<std::string, ir::Dim>& named) {
  const char* name = input.getDimensionName(static_cast<int32_t>(axis));
  const std::string own = text(input.given_name(), ".", axis);
  const bool first = !name || named.count(name) == 0;
  const ir::Dim dim = pool.symbol({name && first ? name : own, ir::SymbolSource::kInputDim,
                                   static_cast<int32_t>(number), static_cast<int32_t>(axis)});
  pool.set_range(dim, hull(profiles, [&](const plan::Profile& profile) {
                   const plan::Profile::Input& ranges = profile.inputs[number];
                   return ir::Range{ranges.min[axis], ranges.opt[axis], ranges.max[axis]};
                 }));
  if (!name) return dim;
  const auto [known, is_new] = named.try_emplace(name, dim);
  if (!is_new) {
    const auto rule = text("dimension ", axis, " of network input '", input.given_name(), "' is called '", name,
                           "' and must equal the others of this name");
    require(pool.assume_equal(dim, known->second, rule), rule);
  }
  return pool.resolve(dim);
}

ir::ValueInfo input_info(ir::DimPool& pool, const Tensor& input, size_t number, bool is_shape,
                         const std::vector<plan::Profile>& profiles, std::map<std::string, ir::Dim>& named) {
  const Dims& dims = input.declared_dims();
  ir::ValueInfo info;
  info.type.dtype = to_dtype(input.declared_type(), input.who());
  for (int32_t i = 0; i < dims.nbDims; ++i) {
    const bool dynamic = dims.d[i] < 0;
    info.type.dims.push_back(dynamic ? add_extent(pool, input, number, static_cast<size_t>(i), profiles, named)
                                     : pool.constant(dims.d[i]));
  }
  if (!is_shape) return info;
  info.contents.emplace();
  const auto count = static_cast<size_t>(element_count(input));
  for (size_t e = 0; e < count; ++e) {
    const ir::Dim element = pool.symbol(
        {element_name(input, e), ir::SymbolSource::kInputValue, static_cast<int32_t>(number), static_cast<int32_t>(e)});
    pool.set_range(element, hull(profiles, [&](const plan::Profile& profile) {
                     const plan::Profile::Input& ranges = profile.inputs[number];
                     return ir::Range{ranges.value_min[e], ranges.value_opt[e], ranges.value_max[e]};
                   }));
    info.contents->push_back(element);
  }
  return info;
}

}  // namespace

std::vector<plan::Profile> plan_profiles(const Network& network, const Config& config, const ShapeTensors& shapes) {
  std::vector<plan::Profile> profiles;
  for (const auto& profile : config.profiles()) {
    profiles.push_back(plan_profile(network, profile.get(), profiles.size(), shapes));
  }
  if (profiles.empty()) profiles.push_back(plan_profile(network, nullptr, 0, shapes));
  return profiles;
}

std::vector<ir::ValueId> add_inputs(ir::Graph& graph, const Network& network, const Config& config,
                                    const ShapeTensors& shapes) {
  const std::vector<plan::Profile> profiles = plan_profiles(network, config, shapes);
  std::map<std::string, ir::Dim> named;
  std::vector<ir::ValueId> values;
  for (size_t i = 0; i < network.inputs().size(); ++i) {
    const Tensor& input = *network.inputs()[i];
    const ir::ValueInfo info = input_info(graph.dims(), input, i, shapes.contains(input), profiles, named);
    const ir::OpId op = graph.add_op(graph.main(), ir::OpKind::k_input, {{"index", static_cast<int64_t>(i)}}, {}, 1,
                                     input.given_name());
    const ir::ValueId value = graph.op(op).results[0];
    graph.value(value).info = info;
    graph.value(value).name = input.given_name();
    graph.inputs().push_back(op);
    values.push_back(value);
  }
  return values;
}

std::vector<schedule::BindingInfo> input_bindings(const Network& network, const ShapeTensors& shapes) {
  std::vector<schedule::BindingInfo> bindings;
  for (const auto& input : network.inputs()) {
    const Dims& dims = input->declared_dims();
    schedule::BindingInfo binding{input->given_name(), shapes.contains(*input), {dims.d, dims.d + dims.nbDims}, {}};
    bool named = false;
    for (int32_t i = 0; i < dims.nbDims; ++i) {
      const char* name = input->getDimensionName(i);
      named = named || name;
      binding.dim_names.push_back(name ? name : "");
    }
    if (!named) binding.dim_names.clear();
    bindings.push_back(std::move(binding));
  }
  return bindings;
}

}  // namespace rondo::api
