/// ParserError: an ImportError as the public interface shows it.
#pragma once

#include "model/import_error.h"

namespace rondo::onnx {

class ParserError final : public IParserError {
 public:
  explicit ParserError(ImportError const& error);

  ErrorCode code() const noexcept override { return code_; }
  char const* desc() const noexcept override { return text_.c_str(); }
  char const* file() const noexcept override { return file_; }
  int32_t line() const noexcept override { return line_; }
  char const* func() const noexcept override { return function_; }
  int32_t node() const noexcept override { return node_; }
  char const* nodeName() const noexcept override { return node_name_.c_str(); }
  char const* nodeOperator() const noexcept override { return node_operator_.c_str(); }
  char const* const* localFunctionStack() const noexcept override { return stack_.data(); }
  int32_t localFunctionStackSize() const noexcept override { return static_cast<int32_t>(stack_.size()); }

 private:
  ErrorCode code_;
  std::string text_;
  char const* file_;
  int32_t line_;
  char const* function_;
  int32_t node_;
  std::string node_name_;
  std::string node_operator_;
  std::vector<std::string> functions_;
  std::vector<char const*> stack_;  ///< into functions_
};

}  // namespace rondo::onnx
