#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {
class App;
}

namespace diaban::services {

/// What a process of Diaban is told from outside.
///
/// Order    defaults < `diaban.toml` < `DIABAN_*` < flags. One name serves all: the setting
///          `live-port` is `live_port = 8081` in the file, `DIABAN_LIVE_PORT` in the environment
///          and `--live-port` on the command line of every command.
///
/// A command is `void add_<command>(CLI::App& app, Settings& settings)` in
/// `services/commands/<command>.hpp`: it adds its subcommand to `app`, whose callback does the work
/// when everything is parsed (only then is `settings` whole). It says what went wrong by throwing
/// geo::Error, which main turns into one line and exit code 1; another exit code is
/// `throw CLI::RuntimeError(code)`. Standard output is for the command's result, standard error for
/// progress and the log.
struct Settings {
    std::string database = "postgresql:///diaban"; ///< URI of the record
    std::string listen = "127.0.0.1";              ///< address both ports are bound to
    std::uint16_t port = 8080;                     ///< HTTP
    std::uint16_t live_port = 8081;                ///< live channel
    std::string allow_origin; ///< browsers of this origin may read (`*`: any; empty: none but ours)
    std::uint32_t live_connections = 20'000; ///< subscribers of the live channel at once
    std::uint32_t live_log = 20'000;         ///< events kept for those who are behind or come back
    std::uint32_t edge_threads = 250;        ///< one a connection in flight; 255 at most
    std::uint32_t sql_connections = 8;       ///< handlers in SQL at once
    std::uint32_t sql_timeout_ms = 500;      ///< statement timeout while serving
    std::uint32_t load_threads = 0;          ///< threads that fill a mirror; 0: one a core
    std::uint32_t cache_mb = 512;            ///< tile cache, MiB; 0 keeps nothing
    std::uint32_t tile_buffer = 64;          ///< tile units (of 4096) drawn beyond each side
    std::uint32_t job_slots = 2;             ///< jobs at once on this node; 0: none are run here
    std::uint32_t job_memory_mb = 2048;      ///< memory a job may take, MiB; 0: any
    bool read_only = false;                  ///< no edits over HTTP
    bool server_timing = false;              ///< say in each answer how long it took
    std::uint32_t drain_s = 0; ///< how long a stopping server still answers, saying it is not ready
    std::string mqtt; ///< broker that observations come from, mqtt://host:port/client; empty: none
    std::string log_level = "info";  ///< trace, debug, info, warn, error
    std::string log_format = "text"; ///< text: a line for people; json: an object a line
    std::string traces;         ///< where spans are sent (OTLP over HTTP, JSON); empty: nowhere
    double trace_ratio = 0.1;   ///< of requests that nobody else decided about, how many are traced
    std::filesystem::path home; ///< folder that holds those below where they are not given
    std::filesystem::path migrations; ///< default: home/data/migrations
    std::filesystem::path styles;     ///< default: home/styles
    std::filesystem::path console;    ///< default: home/services/console/dist
    std::filesystem::path blobs;      ///< default: home/var/blobs
    std::filesystem::path archives;   ///< MBTiles and PMTiles to serve; default: home/var/archives
    std::filesystem::path segments;   ///< default: home/var/segments; `none`: not kept
    std::filesystem::path browser;    ///< Chromium, which draws pictures of maps
    std::filesystem::path program;    ///< what jobs are started with; default: this program
    std::string trusted_proxies = "127.0.0.0/8, ::1"; ///< believed about whom they ask for
    std::string fetch_private;          ///< internal networks that sources and webhooks may be in
    std::uint32_t rate_anonymous = 200; ///< requests a second of an address; 0: any number
    std::uint32_t rate_signed_in = 400; ///< of an account that signed in
    std::uint32_t rate_service = 1000;  ///< of an account by its tokens
    std::uint32_t client_connections = 256; ///< of an address at once, on each port; 0: any number
};

/// Looks a variable of the environment up; a test hands its own.
using Environment = std::function<std::optional<std::string>(std::string const&)>;

/// The process's own environment.
std::optional<std::string> process_environment(std::string const& name);

/// Defaults, then the file (`file`, else what `DIABAN_CONFIG` names, else `./diaban.toml`, else
/// that of the program in /usr/bin, /etc/diaban/diaban.toml), then the environment; flags follow.
///
/// Throws   Error{bad_input, "bad-setting"} naming the setting and what is accepted;
///          Error{not_found, "no-config-file"} if a named file is not there.
Settings read_settings(std::optional<std::filesystem::path> const& file,
                       Environment const& environment);

/// Adds every setting as a flag of `app`; parsing writes into `settings`.
void add_settings(CLI::App& app, Settings& settings);

/// Fills what depends on other settings: the folders under `home`, the number of threads.
/// Call once, after the flags are parsed.
void complete(Settings& settings);

/// A setting that another reading found otherwise.
struct ChangedSetting {
    std::string name;
    std::string value; ///< of now; empty for what may hold a password
    bool at_once;      ///< a server takes it while it serves
};

/// What differs between two complete readings, in the order of the settings.
[[nodiscard]] std::vector<ChangedSetting> changed_settings(Settings const& before,
                                                           Settings const& now);

/// Writes those of `now` that a server takes while it serves over those of `running`.
void take_at_once(Settings& running, Settings const& now);

/// The folder that holds `data/migrations`: `share/diaban` beside the running program's folder,
/// else one from there upward; the working folder if there is none.
std::filesystem::path find_home();

} // namespace diaban::services
