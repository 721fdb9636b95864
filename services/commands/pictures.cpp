#include "services/commands/pictures.hpp"

#include "geo/error.hpp"
#include "services/print/picture_service.hpp"

#include <CLI/CLI.hpp>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

namespace diaban::services::commands {

namespace {

struct PictureFlags {
    std::string socket;
    bool no_sandbox = false;
};

/// The socket that systemd listens at for us (sd_listen_fds(3)); nothing if it hands none over.
std::optional<int> handed_socket() {
    constexpr int first = 3;
    auto const pid = process_environment("LISTEN_PID");
    auto const count = process_environment("LISTEN_FDS");
    if (pid != std::to_string(::getpid()) || count != "1") return std::nullopt;
    return first;
}

void draw(PictureFlags const& flags, Settings const& settings) {
    ::sigset_t signals;
    ::sigemptyset(&signals);
    ::sigaddset(&signals, SIGTERM);
    ::sigaddset(&signals, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr); // before a thread is started: they inherit it
    std::signal(SIGPIPE, SIG_IGN);
    auto const handed = flags.socket.empty() ? handed_socket() : std::nullopt;
    if (!handed && flags.socket.empty())
        throw geo::Error{geo::Code::bad_input,
                         "bad-parameter",
                         {{"parameter", "--socket"}, {"value", ""}, {"accepted", "/path"}}};
    int const listening = handed ? *handed : print::listen_at(flags.socket);
    std::jthread const serving{[&](std::stop_token const& stopped) {
        print::serve_browsers(listening, {settings.browser, !flags.no_sandbox}, stopped);
    }};
    int number = 0;
    ::sigwait(&signals, &number);
}

} // namespace

void add_pictures(CLI::App& app, Settings& settings) {
    auto flags = std::make_shared<PictureFlags>();
    auto* const command = app.add_subcommand(
        "pictures", "Draw pictures of maps for `serve` of this machine (browser = unix:PATH)");
    command->add_option("--socket", flags->socket, "where `serve` finds it; else systemd's")
        ->type_name("PATH");
    command->add_flag("--no-sandbox", flags->no_sandbox,
                      "without the browser's own sandbox: only where nothing else is, as in a "
                      "container");
    command->callback([flags, &settings] { draw(*flags, settings); });
}

} // namespace diaban::services::commands
