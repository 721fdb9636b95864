// Clients that mean harm, one kind after the other, while good ones ask a hundred times a second.
//
//   hostile PORT LIVE_PORT PROCESS SCALE LARGE TARGET…
//
// PROCESS is the server's, of this machine. SCALE 1 takes half a minute, more as many times as
// long. LARGE is a target with a large answer; TARGETs are what good clients ask for. One line a
// case: ok or FAILED, with figures.

#include "tests/hostile/attacks.hpp"
#include "tests/hostile/good_clients.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace {

using namespace diaban::tests::hostile;
using namespace std::chrono_literals;

constexpr double most_p99_ms = 1000; // of a machine that does other work besides
constexpr std::size_t more_descriptors = 40;
constexpr std::size_t more_megabytes = 200;

bool all_hold = true;

void tell(bool holds, std::string const& name, std::string const& figures) {
    all_hold = all_hold && holds;
    std::printf("%s %s: %s\n", holds ? "ok" : "FAILED", name.c_str(), figures.c_str());
    std::fflush(stdout);
}

std::string told(Service const& service) {
    char text[160];
    std::snprintf(text, sizeof text, "good clients: %zu asked, %zu failed, p99 %.1f ms",
                  service.asked, service.failed, service.p99_ms);
    return text + (service.first_fault.empty() ? "" : " (" + service.first_fault + ")");
}

std::size_t descriptors(std::string const& process) {
    std::error_code fault;
    std::size_t count = 0;
    for ([[maybe_unused]] auto const& one :
         std::filesystem::directory_iterator("/proc/" + process + "/fd", fault))
        ++count;
    return count;
}

std::size_t megabytes(std::string const& process) {
    std::ifstream status{"/proc/" + process + "/status"};
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmRSS:")) return std::strtoul(line.c_str() + 6, nullptr, 10) / 1024;
    return 0;
}

bool holds(Service const& service) {
    return service.asked > 0 && service.failed == 0 && service.p99_ms <= most_p99_ms;
}

/// Whether what the server holds comes back to what it was, within a while.
void tell_of_what_is_left(std::string const& process, std::size_t files, std::size_t memory) {
    auto const end = std::chrono::steady_clock::now() + 40s;
    while (descriptors(process) > files + more_descriptors &&
           std::chrono::steady_clock::now() < end)
        std::this_thread::sleep_for(200ms);
    auto const left = descriptors(process);
    auto const held = megabytes(process);
    tell(left > 0 && left <= files + more_descriptors, "descriptors come back",
         std::to_string(files) + " before, " + std::to_string(left) + " after");
    tell(held > 0 && held <= memory + more_megabytes, "memory comes back",
         std::to_string(memory) + " MB before, " + std::to_string(held) + " MB after");
}

} // namespace

int main(int count, char** words) {
    if (count < 7) return std::fputs("see tests/hostile/hostile.cpp\n", stderr), 2;
    rlimit limit{};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_NOFILE, &limit);
    std::string const process = words[3];
    Ground const ground{static_cast<std::uint16_t>(std::atoi(words[1])),
                        static_cast<std::uint16_t>(std::atoi(words[2])), words[5],
                        std::strtoul(words[4], nullptr, 10)};
    GoodClients good{ground.port, {words + 6, words + count}};
    std::this_thread::sleep_for(1500ms);
    auto const files = descriptors(process);
    auto const memory = megabytes(process);
    auto const calm = good.since();
    tell(holds(calm), "nobody attacks", told(calm));
    for (auto const& attack : attacks()) {
        auto const outcome = attack.work(ground);
        auto const service = good.since();
        tell(outcome.fault.empty() && holds(service), attack.name,
             (outcome.fault.empty() ? outcome.figures : outcome.fault) + "; " + told(service));
    }
    tell_of_what_is_left(process, files, memory);
    auto const after = good.since();
    tell(holds(after), "nobody attacks any more", told(after));
    return all_hold ? 0 : 1;
}
