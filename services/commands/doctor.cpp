#include "services/commands/doctor.hpp"

#include "services/commands/terminal.hpp"
#include "services/doctor/examination.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <memory>
#include <string>

namespace diaban::services::commands {

namespace {

struct Wanted {
    bool json = false;
    std::string language;
};

void print_lines(doctor::Findings const& findings, http::Language language) {
    for (auto const& finding : findings) {
        auto line = fmt::format("{:<5} {:<18} {}", doctor::to_string(finding.level), finding.check,
                                doctor::found(finding, language));
        if (finding.level != doctor::Level::ok) {
            if (!finding.detail.empty()) line += " [" + finding.detail + "]";
            line += " → " + doctor::remedy(finding, language);
        }
        for (auto& c : line)
            if (c == '\n') c = ' '; // what libpq says may have several lines
        fmt::print("{}\n", line);
    }
}

void print_json(doctor::Findings const& findings, http::Language language) {
    nlohmann::ordered_json checks = nlohmann::ordered_json::array();
    for (auto const& finding : findings) {
        nlohmann::ordered_json check{{"check", finding.check},
                                     {"level", doctor::to_string(finding.level)},
                                     {"code", finding.code},
                                     {"found", doctor::found(finding, language)}};
        if (finding.level != doctor::Level::ok) check["remedy"] = doctor::remedy(finding, language);
        if (!finding.detail.empty()) check["detail"] = finding.detail;
        checks.push_back(std::move(check));
    }
    nlohmann::ordered_json const body{{"level", doctor::to_string(doctor::worst(findings))},
                                      {"checks", std::move(checks)}};
    fmt::print("{}\n", body.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

void examine(Settings const& settings, Wanted const& wanted) {
    auto const language =
        http::language_named(wanted.language).value_or(terminal_language(process_environment));
    auto const findings = doctor::examine(settings, doctor::machine());
    if (wanted.json)
        print_json(findings, language);
    else
        print_lines(findings, language);
    auto const level = doctor::worst(findings);
    if (level != doctor::Level::ok) throw CLI::RuntimeError{static_cast<int>(level)};
}

} // namespace

void add_doctor(CLI::App& app, Settings& settings) {
    auto* const command = app.add_subcommand(
        "doctor",
        "Check what the server stands on: a line each, and what to do. Exit code 0 well, 1 "
        "warnings, 2 faults");
    auto const wanted = std::make_shared<Wanted>();
    command->add_flag("--json", wanted->json, "as JSON, for programs");
    command->add_option("--lang", wanted->language, "vi or en (else by LANG)")
        ->check(CLI::IsMember({"vi", "en"}));
    command->callback([&settings, wanted] { examine(settings, *wanted); });
}

} // namespace diaban::services::commands
