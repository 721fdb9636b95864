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
    /// The ends of two pipes that a program is led by.
    struct Pipes {
        int commands = -1; ///< the child reads it as descriptor 3
        int answers = -1;  ///< and writes it as descriptor 4
    };
    /// One that inherits nothing: its environment is `variables` alone, what it prints is lost. It
    /// leads a process group of its own, which ends with it.
    /// Throws  Error{unavailable, "no-process"}.
    ChildProcess(std::filesystem::path const& program, std::vector<std::string> const& words,
                 Variables const& variables, Pipes const& pipes);
    /// Kills it if it still runs.
    ~ChildProcess();
    ChildProcess(ChildProcess&& other) noexcept
        : m_pid{std::exchange(other.m_pid, 0)}, m_leads{other.m_leads}, m_status{other.m_status} {}
    ChildProcess& operator=(ChildProcess&& other) noexcept {
        std::swap(m_pid, other.m_pid);
        std::swap(m_leads, other.m_leads);
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
    bool m_leads = false; // a process group
    std::optional<int> m_status;
};

/// In words of a log: `exit code 3`, `signal 9 (Killed)`.
[[nodiscard]] std::string end_in_words(int status);

} // namespace diaban::services::domain
