#pragma once

#include "schedule/partition/region_plan.h"

namespace rondo::schedule {

/// Works on a region's units while they form. partition_stages.cpp walks the ops; fuse_tails.cpp holds what concerns products of
/// matrices and merging; fold_rows.cpp what concerns reductions along rows; sink_ops.cpp moves cheap ops into the groups that read them.
class Partition {
 public:
  Partition(ir::Graph& graph, RegionPlan& plan, const passes::PassOptions& options);

  /// Assigns every op of the region to a unit, in program order.
  void form_units(const std::set<ir::OpId>& flag_slice);
  /// Lets groups recompute what small pointwise groups, or single ops of other groups, would hand them through memory.
  void sink_ops();
  /// Fixes the order of units.
  void order_units();

 private:
  struct Candidate {
    int unit = -1;
    Form form;
  };

  void add_op(ir::OpId op);
  int open_unit(UnitKind kind, ir::OpId op);
  void open_anchor(ir::OpId op);
  void open_pointwise(ir::OpId op);
  void join_loops(ir::OpId op);
  void join_pointwise(ir::OpId op);
  void join_reduce(ir::OpId op);
  void fold_in(int unit, ir::OpId op, const Form& form, int row_axes);
  int folded_rows(const ir::Op& op, const Form& form, size_t rank) const;
  bool shares_rows(const ir::Dims& space, int row_axes) const;
  bool keeps_rows(const Unit& into, const Unit& of, const std::vector<int>& at) const;
  bool is_uniform(const Unit& unit, const Form& form) const;
  std::optional<Form> spread(const Unit& unit, const Form& form, const ir::Dims& from, const ir::Dims& to);
  void demote_lone_folds();
  std::vector<Candidate> candidates(ir::OpId op);
  std::optional<Form> form_at(const Unit& unit, ir::ValueId value);
  std::optional<Form> form_over(const Unit& unit, ir::ValueId value, const ir::Dims& dims);
  void record_reads(int unit, ir::OpId op);
  void hold(int unit, ir::OpId op);
  void add_read(int unit, int read);
  void raise_latest(int unit, int position);
  void replace_unit(int unit, const std::set<int>& by);
  std::set<int> units_read(ir::OpId op);
  void add_units_read(ir::ValueId value, std::set<int>* units);
  bool depends_on(int unit, int on) const;
  bool has_room(const Unit& unit, size_t more_ops) const;
  /// Column slices of equal width that tile the columns.
  struct SliceWidths {
    bool regular = true;
    int64_t width = 0;  ///< 0: none seen

    void add(int64_t start, int64_t size, int64_t columns) {
      if (width == 0) width = size;
      regular = regular && size == width && size > 0 && start % size == 0 && columns % size == 0;
    }
  };
  ir::Dim gate_extent(ir::OpId matmul);
  bool add_slice(const ir::Op& op, size_t axis, SliceWidths& slices);
  bool merge(int into, const Form& into_form, int from, const Form& from_form);
  std::vector<int> axis_bijection(const Unit& into, const Form& into_form, const Unit& from,
                                  const Form& from_form) const;

  bool inline_group(int unit);
  bool sink_readers(int unit, ir::ValueId value);
  std::optional<int> only_reader(int unit, ir::OpId op) const;
  bool is_cheap(ir::OpId op) const;
  bool is_stored(ir::ValueId value) const;
  bool reads_only(int unit, ir::OpId op, ir::ValueId value);
  void recompute_in(int reader, const std::vector<ir::OpId>& ops, const std::set<int>& reads);

  bool enabled(const char* phase) const { return options_.disabled.count(phase) == 0; }
  void collect_uses();
  void follow_uses(ir::ValueId value, ir::ValueId origin, bool widened);

  ir::Graph& graph_;
  ir::DimPool& pool_;
  const ir::DataSymbols data_;
  RegionPlan& plan_;
  const passes::PassOptions& options_;
  std::map<ir::OpId, int> position_;
  std::map<int64_t, int> loop_groups_;
  int phase_ = 1;
};

}  // namespace rondo::schedule
