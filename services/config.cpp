#include "services/config.hpp"

#include "geo/error.hpp"

#include <CLI/CLI.hpp>
#include <toml++/toml.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>
#include <limits>
#include <thread>
#include <variant>
#include <vector>

namespace diaban::services {

namespace {

using Member =
    std::variant<std::string Settings::*, std::uint16_t Settings::*, std::uint32_t Settings::*,
                 double Settings::*, bool Settings::*, std::filesystem::path Settings::*>;

struct Setting {
    char const* name; ///< as in the file; flag and variable follow from it
    Member member;
    std::uint32_t least; ///< bounds of a number
    std::uint32_t most;
    char const* help;
    bool at_once = false; ///< taken by a server that serves
    bool secret = false;  ///< its value may hold a password
};

constexpr auto any = std::numeric_limits<std::uint32_t>::max();

Setting const all_settings[] = {
    {"database", &Settings::database, 0, 0, "URI of the record (PostgreSQL with PostGIS)", false,
     true},
    {"listen", &Settings::listen, 0, 0, "address both ports are bound to"},
    {"port", &Settings::port, 0, 65535, "port of the HTTP server"},
    {"live_port", &Settings::live_port, 0, 65535, "port of the live channel"},
    {"allow_origin", &Settings::allow_origin, 0, 0, "browser origin that may read; * for any"},
    {"live_connections", &Settings::live_connections, 1, 1'000'000, "subscribers at once", true},
    {"live_log", &Settings::live_log, 1, 1'000'000, "events kept for those who come back"},
    {"edge_threads", &Settings::edge_threads, 1, 255, "threads that answer requests"},
    {"sql_connections", &Settings::sql_connections, 1, 100, "handlers in SQL at once"},
    {"sql_timeout_ms", &Settings::sql_timeout_ms, 10, 60'000, "statement timeout while serving"},
    {"load_threads", &Settings::load_threads, 0, 256, "threads that fill a mirror; 0: one a core"},
    {"cache_mb", &Settings::cache_mb, 0, 1u << 20, "tile cache in MiB; 0 keeps nothing"},
    {"tile_buffer", &Settings::tile_buffer, 0, 1024, "tile units drawn beyond each side"},
    {"job_slots", &Settings::job_slots, 0, 64, "jobs at once on this node; 0 runs none", true},
    {"job_memory_mb", &Settings::job_memory_mb, 0, 1u << 20, "memory of a job in MiB; 0: any"},
    {"trusted_proxies", &Settings::trusted_proxies, 0, 0,
     "addresses and networks whose X-Forwarded-* and Forwarded are believed; empty: nobody's"},
    {"fetch_private", &Settings::fetch_private, 0, 0,
     "internal networks that sources, cameras and webhooks may be in besides addresses named as "
     "such"},
    {"rate_anonymous", &Settings::rate_anonymous, 0, 1'000'000,
     "requests a second of an address, three seconds' worth at once; 0: any number"},
    {"rate_signed_in", &Settings::rate_signed_in, 0, 1'000'000,
     "requests a second of an account that signed in; 0: any number"},
    {"rate_service", &Settings::rate_service, 0, 1'000'000,
     "requests a second of an account by its tokens; 0: any number"},
    {"client_connections", &Settings::client_connections, 0, 1'000'000,
     "connections of an address at once on each port; 0: any number"},
    {"read_only", &Settings::read_only, 0, 0, "take no edits over HTTP"},
    {"server_timing", &Settings::server_timing, 0, 0, "say in each answer how long it took"},
    {"drain_s", &Settings::drain_s, 0, 600, "seconds a stopping server answers on, not ready",
     true},
    {"mqtt", &Settings::mqtt, 0, 0,
     "broker of observations: mqtt://[user:password@]host[:port][/client]", false, true},
    {"log_level", &Settings::log_level, 0, 0, "trace, debug, info, warn or error", true},
    {"log_format", &Settings::log_format, 0, 0, "text, or json: an object a line"},
    {"traces", &Settings::traces, 0, 0,
     "where spans are sent, OTLP over HTTP: http://host:4318/v1/traces; empty: nowhere"},
    {"trace_ratio", &Settings::trace_ratio, 0, 1, "how many of all requests are traced"},
    {"home", &Settings::home, 0, 0, "folder that holds the folders below"},
    {"migrations", &Settings::migrations, 0, 0, "folder of the migrations"},
    {"styles", &Settings::styles, 0, 0, "folder of the map styles"},
    {"console", &Settings::console, 0, 0, "folder of the built console"},
    {"blobs", &Settings::blobs, 0, 0, "folder of the bulk files"},
    {"archives", &Settings::archives, 0, 0,
     "folder of tile archives (.mbtiles, .pmtiles) to serve, or one such file"},
    {"segments", &Settings::segments, 0, 0, "folder where a node keeps its mirrors; none: nowhere"},
    {"browser", &Settings::browser, 0, 0,
     "Chromium, which draws pictures of maps; unix:PATH: that of `diaban pictures`; none: not"},
    {"program", &Settings::program, 0, 0, "what jobs are started with"},
};

[[noreturn]] void bad_setting(std::string const& name, std::string const& value,
                              std::string const& accepted) {
    throw geo::Error{geo::Code::bad_input,
                     "bad-setting",
                     {{"parameter", name}, {"value", value}, {"accepted", accepted}}};
}

/// Writes `text` into the setting; `name` is how the sender called it.
void assign(Settings& settings, Setting const& setting, std::string const& name,
            std::string const& text) {
    std::visit(
        [&](auto member) {
            auto& value = settings.*member;
            using T = std::remove_reference_t<decltype(value)>;
            if constexpr (std::is_same_v<T, bool>) {
                if (text != "true" && text != "false" && text != "1" && text != "0")
                    bad_setting(name, text, "true, false");
                value = text == "true" || text == "1";
            } else if constexpr (std::is_floating_point_v<T>) {
                T number = 0;
                auto const* const end = text.data() + text.size();
                auto const [stop, fault] = std::from_chars(text.data(), end, number);
                if (fault != std::errc{} || stop != end || !(number >= setting.least) ||
                    !(number <= setting.most))
                    bad_setting(name, text,
                                std::to_string(setting.least) + ".." +
                                    std::to_string(setting.most));
                value = number;
            } else if constexpr (std::is_integral_v<T>) {
                std::uint32_t number = 0;
                auto const* const end = text.data() + text.size();
                auto const [stop, fault] = std::from_chars(text.data(), end, number);
                if (fault != std::errc{} || stop != end || number < setting.least ||
                    number > setting.most)
                    bad_setting(name, text,
                                std::to_string(setting.least) + ".." +
                                    std::to_string(setting.most == any ? any : setting.most));
                value = static_cast<T>(number);
            } else {
                value = text;
            }
        },
        setting.member);
    constexpr std::array levels{"trace", "debug", "info", "warn", "error"};
    if (setting.member == Member{&Settings::log_level} &&
        std::ranges::find(levels, settings.log_level) == levels.end())
        bad_setting(name, text, "trace, debug, info, warn, error");
}

std::string text_of(Settings const& settings, Setting const& setting) {
    return std::visit(
        [&](auto member) -> std::string {
            auto const& value = settings.*member;
            using T = std::remove_cvref_t<decltype(value)>;
            if constexpr (std::is_same_v<T, bool>)
                return value ? "true" : "false";
            else if constexpr (std::is_arithmetic_v<T>)
                return std::to_string(value);
            else
                return value;
        },
        setting.member);
}

std::string as_text(toml::node const& node, std::string const& name) {
    if (auto const text = node.value_exact<std::string>()) return *text;
    if (auto const number = node.value_exact<std::int64_t>()) return std::to_string(*number);
    if (auto const number = node.value_exact<double>()) return std::to_string(*number);
    if (auto const truth = node.value_exact<bool>()) return *truth ? "true" : "false";
    bad_setting(name, "?", "a text, a number, true or false");
}

std::string replaced(std::string text, char from, char to) {
    std::replace(text.begin(), text.end(), from, to);
    return text;
}

std::string variable_of(Setting const& setting) {
    std::string name = "DIABAN_";
    for (char const* c = setting.name; *c != '\0'; ++c)
        name += static_cast<char>(std::toupper(static_cast<unsigned char>(*c)));
    return name;
}

void read_file(Settings& settings, std::filesystem::path const& file) {
    toml::table table;
    try {
        table = toml::parse_file(file.string());
    } catch (toml::parse_error const& fault) {
        bad_setting(file.filename().string(), std::string{fault.description()}, "TOML 1.0");
    }
    for (auto const& [key, node] : table) {
        std::string const name{key.str()};
        auto const* const it = std::ranges::find_if(
            all_settings, [&](Setting const& setting) { return name == setting.name; });
        if (it == std::end(all_settings)) {
            std::string accepted;
            for (auto const& setting : all_settings)
                accepted += (accepted.empty() ? "" : ", ") + std::string{setting.name};
            bad_setting(file.filename().string(), name, accepted);
        }
        assign(settings, *it, name, as_text(node, name));
    }
}

std::filesystem::path program_folder() {
    std::error_code ignored;
    return std::filesystem::read_symlink("/proc/self/exe", ignored).parent_path();
}

/// The file of the installed program, where this is that program and may read it.
std::optional<std::filesystem::path> installed_settings() {
    constexpr char const* file = "/etc/diaban/diaban.toml";
    if (program_folder() != "/usr/bin" || ::access(file, R_OK) != 0) return std::nullopt;
    return file;
}

} // namespace

std::optional<std::string> process_environment(std::string const& name) {
    char const* const value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string{value};
}

Settings read_settings(std::optional<std::filesystem::path> const& file,
                       Environment const& environment) {
    Settings settings;
    auto path = file;
    if (!path)
        if (auto const named = environment("DIABAN_CONFIG")) path = *named;
    if (path && !std::filesystem::is_regular_file(*path))
        throw geo::Error{geo::Code::not_found, "no-config-file", {{"value", path->string()}}};
    if (!path && std::filesystem::is_regular_file("diaban.toml")) path = "diaban.toml";
    if (!path) path = installed_settings();
    if (path) read_file(settings, *path);
    for (auto const& setting : all_settings) {
        auto const name = variable_of(setting);
        if (auto const text = environment(name)) assign(settings, setting, name, *text);
    }
    return settings;
}

void add_settings(CLI::App& app, Settings& settings) {
    for (auto const& setting : all_settings) {
        auto const flag = "--" + replaced(setting.name, '_', '-');
        auto* const option = app.add_option_function<std::string>(
            flag,
            [&settings, &setting, flag](std::string const& text) {
                assign(settings, setting, flag, text);
            },
            setting.help);
        option->group("Settings (also in diaban.toml and DIABAN_*)");
    }
}

void complete(Settings& settings) {
    if (settings.log_format != "text" && settings.log_format != "json")
        bad_setting("log_format", settings.log_format, "text, json");
    if (settings.home.empty()) settings.home = find_home();
    auto const under_home = [&](std::filesystem::path& folder, char const* name) {
        if (folder.empty()) folder = settings.home / name;
    };
    under_home(settings.migrations, "data/migrations");
    under_home(settings.styles, "styles");
    under_home(settings.console, "services/console/dist");
    under_home(settings.blobs, "var/blobs");
    under_home(settings.archives, "var/archives");
    under_home(settings.segments, "var/segments");
    if (settings.segments == "none") settings.segments.clear();
    if (settings.browser.empty()) settings.browser = "/usr/bin/chromium";
    if (settings.browser == "none") settings.browser.clear();
    if (settings.program.empty()) settings.program = "/proc/self/exe";
    if (settings.load_threads == 0)
        settings.load_threads = std::max(1u, std::thread::hardware_concurrency());
}

std::vector<ChangedSetting> changed_settings(Settings const& before, Settings const& now) {
    std::vector<ChangedSetting> changed;
    for (auto const& setting : all_settings) {
        auto value = text_of(now, setting);
        if (text_of(before, setting) == value) continue;
        if (setting.secret) value.clear();
        changed.push_back({setting.name, std::move(value), setting.at_once});
    }
    return changed;
}

void take_at_once(Settings& running, Settings const& now) {
    for (auto const& setting : all_settings)
        if (setting.at_once)
            std::visit([&](auto member) { running.*member = now.*member; }, setting.member);
}

std::filesystem::path find_home() {
    std::error_code ignored;
    auto folder = program_folder();
    if (auto const installed = folder.parent_path() / "share" / "diaban";
        std::filesystem::is_directory(installed / "data" / "migrations", ignored))
        return installed;
    for (; !folder.empty(); folder = folder.parent_path()) {
        if (std::filesystem::is_directory(folder / "data" / "migrations", ignored)) return folder;
        if (folder == folder.root_path()) break;
    }
    return std::filesystem::current_path();
}

} // namespace diaban::services
