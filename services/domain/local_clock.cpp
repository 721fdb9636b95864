#include "services/domain/local_clock.hpp"

#include <fmt/chrono.h>

#include <chrono>

namespace diaban::services::domain {

std::string local_clock(geo::Instant at) {
    using namespace std::chrono;
    constexpr hours local{7};
    sys_seconds const time{floor<seconds>(microseconds{at.microseconds}) + local};
    return fmt::format("{:%H:%M %d/%m/%Y}", fmt::gmtime(system_clock::to_time_t(time)));
}

} // namespace diaban::services::domain
