#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace diaban::services::domain {

/// Another program, started from here.
///
/// Inherits  the environment with some variables set anew, standard output and error; no other
///           descriptor, no blocked signal. Its standard input is empty.
class ChildProcess {
public:
    using Variables = std::vector<std::pair<std::string, std::string>>;

    /// Throws  Error{unavailable, "no-process"}.
    ChildProcess(std::filesystem::path const& program, std::vector<std::string> const& words,
                 Variables const& variables);
    /// Kills it if it still runs.
    ~ChildProcess();
    ChildProcess(ChildProcess&& other) noexcept
        : m_pid{std::exchange(other.m_pid, 0)}, m_status{other.m_status} {}
    ChildProcess& operator=(ChildProcess&& other) noexcept {
        std::swap(m_pid, other.m_pid);
        std::swap(m_status, other.m_status);
        return *this;
    }

    [[nodiscard]] pid_t pid() const noexcept { return m_pid; }
    /// How it ended, as waitpid has it; nothing while it runs.
    [[nodiscard]] std::optional<int> status();
    /// Kills it outright and waits for its end.
    void kill();

private:
    pid_t m_pid = 0;
    std::optional<int> m_status;
};

/// In words of a log: `exit code 3`, `signal 9 (Killed)`.
[[nodiscard]] std::string end_in_words(int status);

} // namespace diaban::services::domain
