#include "services/commands/serve.hpp"

#include "geo/error.hpp"
#include "services/server.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>

namespace diaban::services::commands {

namespace {

/// SIGTERM and SIGINT, kept from every thread and waited for by this one.
class StopSignals {
public:
    StopSignals() {
        ::sigemptyset(&m_signals);
        ::sigaddset(&m_signals, SIGTERM);
        ::sigaddset(&m_signals, SIGINT);
        ::pthread_sigmask(SIG_BLOCK, &m_signals, nullptr);
    }
    [[nodiscard]] int wait() const {
        int number = 0;
        ::sigwait(&m_signals, &number);
        return number;
    }

private:
    ::sigset_t m_signals{};
};

void serve(Settings const& settings) {
    StopSignals const signals; // before any thread is started: they inherit the mask
    std::signal(SIGPIPE, SIG_IGN);
    Server server{settings};
    server.start();
    spdlog::info("http://{}:{}/", settings.listen, server.port());
    auto const number = signals.wait();
    spdlog::info("{}: stopping", number == SIGINT ? "SIGINT" : "SIGTERM");
    server.stop();
}

} // namespace

void add_serve(CLI::App& app, Settings& settings) {
    auto* const command = app.add_subcommand("serve", "Serve tiles, features and the console");
    command->callback([&settings] { serve(settings); });
}

} // namespace diaban::services::commands
