#include "services/http/process_metrics.hpp"

#include "services/http/metrics.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <memory>
#include <system_error>

namespace diaban::services::http {

namespace {

/// Of this program's first look at the clock, which is when it is loaded.
auto const started = std::chrono::system_clock::now();

struct Close {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

void write_memory(std::string& out) {
    std::unique_ptr<std::FILE, Close> const file{std::fopen("/proc/self/statm", "re")};
    unsigned long long total = 0;
    unsigned long long resident = 0;
    if (!file || std::fscanf(file.get(), "%llu %llu", &total, &resident) != 2) return;
    auto const page = static_cast<double>(::sysconf(_SC_PAGESIZE));
    write_metric(out, "process_resident_memory_bytes", "gauge", "Memory of the process.",
                 static_cast<double>(resident) * page);
    write_metric(out, "process_virtual_memory_bytes", "gauge", "Address space of the process.",
                 static_cast<double>(total) * page);
}

double seconds(timeval const& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

} // namespace

void write_process(std::string& out) {
    write_memory(out);
    rusage used{};
    if (::getrusage(RUSAGE_SELF, &used) == 0)
        write_metric(out, "process_cpu_seconds_total", "counter", "Processor time of the process.",
                     seconds(used.ru_utime) + seconds(used.ru_stime));
    std::error_code fault;
    std::filesystem::directory_iterator const files{"/proc/self/fd", fault};
    if (!fault)
        write_metric(out, "process_open_fds", "gauge", "Descriptors in use.",
                     static_cast<double>(std::distance(begin(files), end(files))));
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0)
        write_metric(out, "process_max_fds", "gauge", "Descriptors there may be.",
                     static_cast<double>(limit.rlim_cur));
    write_metric(out, "process_start_time_seconds", "gauge", "When the process began (Unix time).",
                 std::chrono::duration<double>(started.time_since_epoch()).count());
}

} // namespace diaban::services::http
