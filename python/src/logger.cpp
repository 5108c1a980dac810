// Loggers, error recorders and profilers, to be used as they are or subclassed in Python.
#include <nanobind/trampoline.h>

#include <cstdio>
#include <ctime>

#include "binding.h"

namespace rondo::python {
namespace {

using Severity = ILogger::Severity;

class PyLogger final : public ILogger {
 public:
  NB_TRAMPOLINE(ILogger, 1);
  void log(Severity severity, const char* message) override {
    guarded_callback([&] { NB_OVERRIDE_PURE(log, severity, message); });
  }
};

/// rondo.Logger: prints what is at least as severe as min_severity to stdout.
class ConsoleLogger final : public ILogger {
 public:
  explicit ConsoleLogger(Severity severity) : min_severity(severity) {}
  void log(Severity severity, const char* message) override {
    if (severity > min_severity) return;
    static constexpr char kLetters[] = "FEWIV";
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    localtime_r(&now, &local);
    char stamp[32];
    std::strftime(stamp, sizeof stamp, "%m/%d/%Y-%H:%M:%S", &local);
    const std::string line =
        std::string("[") + stamp + "] [TRT] [" + kLetters[static_cast<int>(severity)] + "] " + message + "\n";
    std::fwrite(line.data(), 1, line.size(), stdout);
    std::fflush(stdout);
  }
  Severity min_severity;
};

class PyErrorRecorder final : public IErrorRecorder {
 public:
  NB_TRAMPOLINE(IErrorRecorder, 7);
  int32_t getNbErrors() const override {
    return guarded_callback(0, [&]() -> int32_t { NB_OVERRIDE_PURE_NAME("get_num_errors", getNbErrors); });
  }
  ErrorCode getErrorCode(int32_t index) const override {
    return guarded_callback(ErrorCode::kUNSPECIFIED_ERROR,
                            [&]() -> ErrorCode { NB_OVERRIDE_PURE_NAME("get_error_code", getErrorCode, index); });
  }
  ErrorDesc getErrorDesc(int32_t index) const override {
    return guarded_callback("", [&]() -> const char* {
      nb::object text = nb_trampoline.base().attr("get_error_desc")(index);
      desc_ = nb::cast<std::string>(text);
      return desc_.c_str();
    });
  }
  bool hasOverflowed() const override {
    return guarded_callback(false, [&]() -> bool { NB_OVERRIDE_PURE_NAME("has_overflowed", hasOverflowed); });
  }
  void clear() override {
    guarded_callback([&] { NB_OVERRIDE_PURE(clear); });
  }
  bool reportError(ErrorCode code, ErrorDesc desc) override {
    return guarded_callback(false, [&]() -> bool { NB_OVERRIDE_PURE_NAME("report_error", reportError, code, desc); });
  }
  RefCount incRefCount() override { return ++references_; }
  RefCount decRefCount() override { return --references_; }

 private:
  mutable std::string desc_;
  int32_t references_ = 0;
};

class PyProfiler final : public IProfiler {
 public:
  NB_TRAMPOLINE(IProfiler, 1);
  void reportLayerTime(const char* layer, float ms) override {
    guarded_callback([&] { NB_OVERRIDE_PURE_NAME("report_layer_time", reportLayerTime, layer, ms); });
  }
};

/// rondo.Profiler: prints each layer's time.
class ConsoleProfiler final : public IProfiler {
 public:
  void reportLayerTime(const char* layer, float ms) override {
    std::printf("%s: %gms\n", layer, static_cast<double>(ms));
  }
};

void add_members(nb::object severity, nb::object scope) {
  for (const char* name : {"INTERNAL_ERROR", "ERROR", "WARNING", "INFO", "VERBOSE"})
    scope.attr(name) = severity.attr(name);
}

}  // namespace

void bind_logger(nb::module_& m) {
  nb::class_<ILogger, PyLogger> base(m, "ILogger", "Base of loggers written in Python: override log(severity, msg).");
  nb::enum_<Severity> severity(base, "Severity", nb::is_arithmetic());
  severity.value("INTERNAL_ERROR", Severity::kINTERNAL_ERROR)
      .value("ERROR", Severity::kERROR)
      .value("WARNING", Severity::kWARNING)
      .value("INFO", Severity::kINFO)
      .value("VERBOSE", Severity::kVERBOSE);
  base.def(nb::init<>()).def("log", &ILogger::log, "severity"_a, "msg"_a);
  nb::class_<ConsoleLogger, ILogger> logger(m, "Logger", "Prints messages to stdout from min_severity on.");
  logger.def(nb::init<Severity>(), "min_severity"_a = Severity::kWARNING)
      .def_rw("min_severity", &ConsoleLogger::min_severity);
  logger.attr("Severity") = base.attr("Severity");
  add_members(base.attr("Severity"), base);
  add_members(base.attr("Severity"), logger);

  nb::class_<IErrorRecorder, PyErrorRecorder>(m, "IErrorRecorder", "Base of error recorders written in Python.")
      .def(nb::init<>())
      .def_prop_ro_static("MAX_DESC_LENGTH", [](nb::handle) { return IErrorRecorder::kMAX_DESC_LENGTH; })
      .def("get_num_errors", &IErrorRecorder::getNbErrors)
      .def_prop_ro("num_errors", &IErrorRecorder::getNbErrors)
      .def("get_error_code", &IErrorRecorder::getErrorCode, "arg0"_a)
      .def("get_error_desc", &IErrorRecorder::getErrorDesc, "arg0"_a)
      .def("has_overflowed", &IErrorRecorder::hasOverflowed)
      .def("clear", &IErrorRecorder::clear)
      .def("report_error", &IErrorRecorder::reportError, "arg0"_a, "arg1"_a);

  nb::class_<IProfiler, PyProfiler>(m, "IProfiler", "Base of profilers written in Python: override report_layer_time.")
      .def(nb::init<>())
      .def("report_layer_time", &IProfiler::reportLayerTime, "layer_name"_a, "ms"_a);
  nb::class_<ConsoleProfiler, IProfiler>(m, "Profiler", "Prints the time of each layer.").def(nb::init<>());
}

}  // namespace rondo::python
