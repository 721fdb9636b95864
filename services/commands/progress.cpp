#include "services/commands/progress.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <utility>

namespace diaban::services::commands {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds on_terminal{200};
constexpr seconds elsewhere{10};
constexpr double soonest = 1.0; // before that a rate says nothing

std::string duration(double left) {
    auto const whole = static_cast<std::int64_t>(std::ceil(left));
    if (whole < 60) return fmt::format("{} s", whole);
    if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
    return fmt::format("{} h {:02} min", whole / 3600, whole / 60 % 60);
}

} // namespace

Progress::Progress(std::string what, std::string unit)
    : m_unit{std::move(unit)}, m_terminal{isatty(STDERR_FILENO) != 0} {
    restart(std::move(what));
}

Progress::~Progress() {
    clear();
}

void Progress::restart(std::string what) {
    clear();
    m_what = std::move(what);
    m_start = Clock::now();
    m_next = m_start + (m_terminal ? milliseconds{on_terminal} : milliseconds{elsewhere});
}

void Progress::clear() {
    if (m_drawn) fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
    m_drawn = false;
}

std::string Progress::line(std::uint64_t done, std::int64_t of) const {
    double const passed = std::chrono::duration<double>(Clock::now() - m_start).count();
    auto text = fmt::format("{}: {} {}", m_what, done, m_unit);
    if (of > 0)
        text += fmt::format(" of {} ({:.0f} %)", of,
                            100.0 * static_cast<double>(done) / static_cast<double>(of));
    if (of > 0 && static_cast<std::uint64_t>(of) == done) return text + ", finishing";
    if (passed < soonest || done == 0) return text;
    double const rate = static_cast<double>(done) / passed;
    text += fmt::format(", {:.0f}/s", rate);
    if (of > 0 && static_cast<std::uint64_t>(of) > done)
        text += fmt::format(
            ", {} left",
            duration(static_cast<double>(static_cast<std::uint64_t>(of) - done) / rate));
    return text;
}

void Progress::at(std::uint64_t done, std::int64_t of) {
    auto const now = Clock::now();
    bool const finishing = of > 0 && static_cast<std::uint64_t>(of) == done;
    if (now < m_next && !(m_terminal && finishing)) return;
    m_next = now + (m_terminal ? milliseconds{on_terminal} : milliseconds{elsewhere});
    if (m_terminal)
        fmt::print(stderr, "\r\x1b[K{}", line(done, of));
    else
        fmt::print(stderr, "{}\n", line(done, of));
    std::fflush(stderr);
    m_drawn = m_terminal;
}

} // namespace diaban::services::commands
