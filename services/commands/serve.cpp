#include "services/commands/serve.hpp"

#include "data/postgis/migrate.hpp"
#include "geo/error.hpp"
#include "services/server.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <csignal>
#include <ctime>

namespace diaban::services::commands {

namespace {

/// SIGTERM, SIGINT and SIGHUP, kept from every thread and waited for by this one.
class Signals {
public:
    Signals() {
        ::sigemptyset(&m_signals);
        for (int const number : {SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&m_signals, number);
        ::pthread_sigmask(SIG_BLOCK, &m_signals, nullptr);
    }
    [[nodiscard]] int wait() const {
        int number = 0;
        ::sigwait(&m_signals, &number);
        return number;
    }
    /// Waits so long, or until somebody insists on the end.
    void wait_for_insistence(std::chrono::seconds patience) const {
        auto const end = std::chrono::steady_clock::now() + patience;
        for (;;) {
            auto const left =
                std::chrono::ceil<std::chrono::nanoseconds>(end - std::chrono::steady_clock::now())
                    .count();
            if (left <= 0) return;
            ::timespec const bound{left / 1'000'000'000, left % 1'000'000'000};
            auto const number = ::sigtimedwait(&m_signals, nullptr, &bound);
            if (number == SIGTERM || number == SIGINT) return;
        }
    }

private:
    ::sigset_t m_signals{};
};

/// Says where program and database are not of one version: a node serves on beside a newer one.
void compare_versions(Settings const& settings) {
    try {
        auto const known = data::postgis::list_migrations(settings.migrations).size();
        auto const had = data::postgis::applied_migrations(settings.database).size();
        if (had > known)
            spdlog::warn("the database has had {} migrations and this program knows {}: a newer "
                         "version is at work beside it, and this node is to follow",
                         had, known);
        if (had < known)
            spdlog::warn("the database has had {} migrations of {}: `diaban migrate` is missing",
                         had, known);
    } catch (geo::Error const& error) { // who waits for the record says so elsewhere
        spdlog::debug("migrations are not compared: {}", error.what());
    }
}

/// Takes what may change while the server serves; the log says that, and what waits.
void take_anew(Server& server, Settings& running, Rereading const& again) {
    try {
        auto const now = again();
        auto const changed = changed_settings(running, now);
        for (auto const& setting : changed) {
            auto const equals = setting.value.empty() ? "" : " = ";
            spdlog::info("SIGHUP: {}{}{} {}", setting.name, equals, setting.value,
                         setting.at_once ? "is taken" : "waits for a restart");
        }
        if (changed.empty()) spdlog::info("SIGHUP: no setting has changed");
        take_at_once(running, now);
        server.take(running);
    } catch (std::exception const& fault) {
        spdlog::error("SIGHUP: everything stays as it was: {}", fault.what());
    }
}

void serve(Settings const& settings, Rereading const& again) {
    Signals const signals; // before any thread is started: they inherit the mask
    std::signal(SIGPIPE, SIG_IGN);
    auto running = settings;
    Server server{settings};
    server.start();
    spdlog::info("http://{}:{}/", settings.listen, server.port());
    compare_versions(settings);
    auto number = signals.wait();
    for (; number == SIGHUP; number = signals.wait()) take_anew(server, running, again);
    char const* const name = number == SIGINT ? "SIGINT" : "SIGTERM";
    if (running.drain_s > 0) {
        spdlog::info("{}: not ready any more; answering for {} s yet", name, running.drain_s);
        server.leave();
        signals.wait_for_insistence(std::chrono::seconds{running.drain_s});
    }
    spdlog::info("{}: stopping", name);
    server.stop();
}

} // namespace

void add_serve(CLI::App& app, Settings& settings, Rereading again) {
    auto* const command = app.add_subcommand("serve", "Serve tiles, features and the console");
    command->callback([&settings, again = std::move(again)] { serve(settings, again); });
}

} // namespace diaban::services::commands
