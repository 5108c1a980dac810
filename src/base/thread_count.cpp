// How many threads pay: one per physical core we may run on, and no more than the cgroup lets us use. Two threads on
// the two lanes of one core share its FMA units and its L2; threads above a quota are stopped by the kernel in the
// middle of a step, while all others wait for them at the next barrier.
#include <sched.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "base/thread_team.h"

namespace rondo {
namespace {

int cores_of_affinity_mask() {
  cpu_set_t mask;
  if (sched_getaffinity(0, sizeof(mask), &mask) != 0) return 1;
  std::set<std::string> cores;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(cpu, &mask)) continue;
    std::ifstream in("/sys/devices/system/cpu/cpu" + std::to_string(cpu) + "/topology/thread_siblings_list");
    std::string siblings;
    if (!std::getline(in, siblings)) siblings = std::to_string(cpu);
    cores.insert(siblings);
  }
  return std::max<int>(1, static_cast<int>(cores.size()));
}

// CPUs that the limits of one cgroup folder allow; infinity without a limit.
double quota_of(const std::string& folder) {
  double quota = -1, period = 0;
  if (std::ifstream v2(folder + "/cpu.max"); v2) {
    std::string first;
    if (v2 >> first >> period && first != "max") quota = std::atof(first.c_str());
  } else {
    std::ifstream(folder + "/cpu.cfs_quota_us") >> quota;
    std::ifstream(folder + "/cpu.cfs_period_us") >> period;
  }
  return quota > 0 && period > 0 ? quota / period : HUGE_VAL;
}

// A limit of any ancestor holds too. Inside a container the path may not exist below the mount; its ancestors do.
double quota_along(const std::string& mount, std::string path) {
  double cpus = HUGE_VAL;
  for (;;) {
    cpus = std::min(cpus, quota_of(mount + (path == "/" ? "" : path)));
    const size_t slash = path.rfind('/');
    if (path.empty() || path == "/" || slash == std::string::npos) return cpus;
    path.resize(slash);
  }
}

double cgroup_cpus() {
  double cpus = HUGE_VAL;
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);) {
    std::istringstream fields(line);
    std::string id, controllers, path;
    std::getline(fields, id, ':');
    std::getline(fields, controllers, ':');
    std::getline(fields, path);
    if (controllers.empty()) {
      cpus = std::min({cpus, quota_along("/sys/fs/cgroup", path), quota_along("/sys/fs/cgroup/unified", path)});
    } else if ((',' + controllers + ',').find(",cpu,") != std::string::npos) {
      cpus =
          std::min({cpus, quota_along("/sys/fs/cgroup/cpu", path), quota_along("/sys/fs/cgroup/" + controllers, path)});
    }
  }
  return cpus;
}

}  // namespace

int default_thread_count() {
  const double cpus = std::ceil(cgroup_cpus());
  const int cores = cores_of_affinity_mask();
  return cpus < cores ? std::max(1, static_cast<int>(cpus)) : cores;
}

}  // namespace rondo
