#include "services/domain/child_process.hpp"

#include "geo/error.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string_view>

namespace diaban::services::domain {

namespace {

/// The environment, those variables in place of what it has of them.
std::vector<std::string> environment_with(ChildProcess::Variables const& variables) {
    std::vector<std::string> all;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        std::string_view const text{*entry};
        auto const name = text.substr(0, text.find('='));
        if (std::ranges::find(variables, name, &ChildProcess::Variables::value_type::first) ==
            variables.end())
            all.emplace_back(text);
    }
    for (auto const& [name, value] : variables) all.push_back(name + "=" + value);
    return all;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

/// What a child starts with.
struct Start {
    explicit Start(ChildProcess::Pipes const& pipes = {}) {
        bool const led = pipes.commands >= 0;
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        if (led) {
            for (int const printed : {STDOUT_FILENO, STDERR_FILENO})
                ::posix_spawn_file_actions_addopen(&actions, printed, "/dev/null", O_WRONLY, 0);
            ::posix_spawn_file_actions_adddup2(&actions, pipes.commands, STDERR_FILENO + 1);
            ::posix_spawn_file_actions_adddup2(&actions, pipes.answers, STDERR_FILENO + 2);
        }
        ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + (led ? 3 : 1));
        ::posix_spawnattr_init(&attributes);
        ::sigset_t none;
        ::sigemptyset(&none);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::sigset_t usual;
        ::sigemptyset(&usual);
        ::sigaddset(&usual, SIGPIPE);
        ::posix_spawnattr_setsigdefault(&attributes, &usual);
        ::posix_spawnattr_setpgroup(&attributes, 0);
        int const flags =
            POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (led ? POSIX_SPAWN_SETPGROUP : 0);
        ::posix_spawnattr_setflags(&attributes, static_cast<short>(flags));
    }
    Start(Start const&) = delete;
    Start& operator=(Start const&) = delete;
    ~Start() {
        ::posix_spawnattr_destroy(&attributes);
        ::posix_spawn_file_actions_destroy(&actions);
    }
    ::posix_spawn_file_actions_t actions{};
    ::posix_spawnattr_t attributes{};
};

pid_t spawn(std::filesystem::path const& program, std::vector<std::string> const& words,
            std::vector<std::string> environment, Start const& start) {
    std::vector<std::string> all{program.string()};
    all.insert(all.end(), words.begin(), words.end());
    pid_t pid = 0;
    int const fault = ::posix_spawn(&pid, program.c_str(), &start.actions, &start.attributes,
                                    pointers(all).data(), pointers(environment).data());
    if (fault != 0)
        throw geo::Error{geo::Code::unavailable,
                         "no-process",
                         {},
                         fmt::format("{}: {}", program.string(), std::strerror(fault))};
    return pid;
}

} // namespace

ChildProcess::ChildProcess(std::filesystem::path const& program,
                           std::vector<std::string> const& words, Variables const& variables)
    : m_pid{spawn(program, words, environment_with(variables), Start{})} {}

ChildProcess::ChildProcess(std::filesystem::path const& program,
                           std::vector<std::string> const& words, Variables const& variables,
                           Pipes const& pipes)
    : m_leads{true} {
    std::vector<std::string> environment;
    for (auto const& [name, value] : variables) environment.push_back(name + "=" + value);
    m_pid = spawn(program, words, std::move(environment), Start{pipes});
}

ChildProcess::~ChildProcess() {
    kill();
}

std::optional<int> ChildProcess::status() {
    if (m_pid == 0 || m_status) return m_status;
    int status = 0;
    if (::waitpid(m_pid, &status, WNOHANG) == m_pid) m_status = status;
    return m_status;
}

void ChildProcess::kill() {
    if (m_pid == 0 || status()) return;
    ::kill(m_leads ? -m_pid : m_pid, SIGKILL);
    int status = 0;
    while (::waitpid(m_pid, &status, 0) < 0 && errno == EINTR) {
    }
    m_status = status;
}

std::string end_in_words(int status) {
    if (WIFSIGNALED(status))
        return fmt::format("signal {} ({})", WTERMSIG(status), ::strsignal(WTERMSIG(status)));
    return fmt::format("exit code {}", WEXITSTATUS(status));
}

} // namespace diaban::services::domain
