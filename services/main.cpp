#include "geo/error.hpp"
#include "services/commands/cadastre.hpp"
#include "services/commands/doctor.hpp"
#include "services/commands/export.hpp"
#include "services/commands/generate.hpp"
#include "services/commands/import.hpp"
#include "services/commands/migrate.hpp"
#include "services/commands/pictures.hpp"
#include "services/commands/process.hpp"
#include "services/commands/seed.hpp"
#include "services/commands/serve.hpp"
#include "services/commands/terminal.hpp"
#include "services/commands/user.hpp"
#include "services/config.hpp"
#include "services/http/messages.hpp"
#include "services/logging.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdlib>
#include <optional>
#include <string_view>

namespace {

using namespace diaban;

/// `--config FILE`, which has to be read before the other flags are understood.
std::optional<std::filesystem::path> config_file(int count, char const* const* words) {
    for (int i = 1; i < count; ++i) {
        std::string_view const word{words[i]};
        if (word == "--config" && i + 1 < count) return words[i + 1];
        if (word.starts_with("--config=")) return std::string{word.substr(9)};
    }
    return std::nullopt;
}

/// One line a person can act on; what is only for us follows in brackets.
void print_error(geo::Error const& error) {
    auto const& sentence = services::http::sentence_of(error.type());
    bool const known = sentence.type == error.type();
    bool const english = services::commands::terminal_language(services::process_environment) ==
                         services::http::Language::en;
    auto line = known ? services::http::fill(english ? sentence.detail_en : sentence.detail_vi,
                                             error.parameters())
                      : std::string{error.what()};
    if (known && !error.detail().empty()) line += " [" + error.detail() + "]";
    fmt::print(stderr, "diaban: {}\n", line);
}

/// File, environment and flags as they are now; the command and what is its own are passed over.
services::Settings read_again(int count, char const* const* words) {
    auto settings =
        services::read_settings(config_file(count, words), services::process_environment);
    CLI::App flags;
    std::string config;
    flags.add_option("--config", config);
    services::add_settings(flags, settings);
    flags.allow_extras();
    flags.parse(count, words);
    services::complete(settings);
    return settings;
}

int run(int count, char** words) {
    auto settings =
        services::read_settings(config_file(count, words), services::process_environment);
    CLI::App app{"Địa bàn: spatial server of a provincial operations centre", "diaban"};
    app.set_version_flag("--version", "diaban " DIABAN_VERSION);
    std::string config; // read above; named here for --help
    app.add_option("--config", config,
                   "settings file (else DIABAN_CONFIG, ./diaban.toml, /etc/diaban/diaban.toml)");
    services::add_settings(app, settings);
    app.require_subcommand(1);
    services::commands::add_serve(app, settings, [=] { return read_again(count, words); });
    services::commands::add_migrate(app, settings);
    services::commands::add_doctor(app, settings);
    services::commands::add_import(app, settings);
    services::commands::add_cadastre(app, settings);
    services::commands::add_export(app, settings);
    services::commands::add_seed(app, settings);
    services::commands::add_generate(app, settings);
    services::commands::add_user(app, settings);
    services::commands::add_role(app, settings);
    services::commands::add_audit(app, settings);
    services::commands::add_pictures(app, settings);
    services::commands::add_process(app, settings);
    // Settings may stand behind the command too: `diaban serve --port 8080`.
    for (auto* const command : app.get_subcommands({})) command->fallthrough();
    // Runs when every flag is parsed and before the command's own callback.
    app.parse_complete_callback([&] {
        services::complete(settings);
        spdlog::set_level(spdlog::level::from_str(settings.log_level));
        spdlog::set_formatter(services::log_formatter(settings.log_format));
    });
    try {
        app.parse(count, words);
    } catch (CLI::ParseError const& fault) {
        return app.exit(fault);
    }
    return EXIT_SUCCESS;
}

} // namespace

int main(int count, char** words) {
    // Standard output is for results; the log goes beside it.
    spdlog::set_default_logger(spdlog::stderr_color_mt("diaban"));
    spdlog::set_formatter(services::log_formatter("text"));
    try {
        return run(count, words);
    } catch (geo::Error const& error) {
        print_error(error);
    } catch (std::exception const& fault) {
        fmt::print(stderr, "diaban: {}\n", fault.what());
    }
    return EXIT_FAILURE;
}
