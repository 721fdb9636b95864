#include "services/http/static_folder.hpp"

#include "geo/error.hpp"
#include "services/http/content_coding.hpp"
#include "services/http/representation.hpp"

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>

namespace diaban::services::http {

namespace {

namespace fs = std::filesystem;

std::string read_file(fs::path const& path) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    text << file.rdbuf();
    if (!file)
        throw geo::Error{geo::Code::internal,
                         "file-unreadable",
                         {{"name", path.filename().string()}},
                         path.string()};
    return std::move(text).str();
}

fs::file_time_type modified(fs::path const& folder) {
    std::error_code fault;
    auto const whole = fs::last_write_time(folder, fault);
    if (fault) return {};
    auto const index = fs::last_write_time(folder / "index.html", fault);
    return fault ? whole : std::max(whole, index);
}

bool is_text(std::string_view media_type) {
    return media_type.starts_with("text/") || media_type.starts_with("application/json") ||
           media_type.starts_with("application/manifest") || media_type == "image/svg+xml" ||
           media_type == "application/wasm";
}

std::int64_t seconds_now() {
    return std::chrono::duration_cast<std::chrono::seconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

} // namespace

std::string media_type_of(std::string_view path) {
    struct Type {
        std::string_view ending;
        char const* name;
    };
    static constexpr Type types[] = {
        {".html", "text/html; charset=utf-8"},
        {".js", "text/javascript; charset=utf-8"},
        {".mjs", "text/javascript; charset=utf-8"},
        {".css", "text/css; charset=utf-8"},
        {".json", "application/json"},
        {".map", "application/json"},
        {".webmanifest", "application/manifest+json"},
        {".svg", "image/svg+xml"},
        {".png", "image/png"},
        {".jpg", "image/jpeg"},
        {".webp", "image/webp"},
        {".ico", "image/x-icon"},
        {".woff2", "font/woff2"},
        {".woff", "font/woff"},
        {".wasm", "application/wasm"},
        {".txt", "text/plain; charset=utf-8"},
    };
    for (auto const& type : types)
        if (path.ends_with(type.ending)) return type.name;
    return "application/octet-stream";
}

bool has_content_hash(std::string_view path) noexcept {
    auto const name = path.substr(path.rfind('/') + 1); // npos + 1 is 0
    auto const dash = name.rfind('-');
    auto const dot = name.find('.', dash == std::string_view::npos ? 0 : dash);
    if (dash == std::string_view::npos || dot == std::string_view::npos || dot - dash != 9)
        return false;
    // A word of eight letters is no hash: a digit, a capital or an underscore shows one.
    auto const hash = name.substr(dash + 1, 8);
    return path.starts_with("assets/") &&
           std::ranges::any_of(hash, [](char c) { return c < 'a' || c > 'z'; });
}

StaticFolder::StaticFolder(fs::path folder) : m_folder{std::move(folder)} {}

void StaticFolder::list_if_changed() {
    if (m_checked == seconds_now()) return;
    m_checked = seconds_now();
    auto const now = modified(m_folder);
    if (now == m_listed) return;
    m_listed = now;
    m_files.clear();
    m_coded.clear();
    std::error_code fault;
    for (auto it = fs::recursive_directory_iterator{m_folder, fault};
         !fault && it != fs::recursive_directory_iterator{}; it.increment(fault)) {
        bool const hidden = it->path().filename().string().starts_with('.');
        if (it->is_symlink() || hidden) {
            it.disable_recursion_pending();
            continue;
        }
        if (it->is_regular_file())
            m_files.emplace(it->path().lexically_relative(m_folder).generic_string(), nullptr);
    }
}

StaticFolder::File StaticFolder::coded(std::string const& path, Encoding encoding) {
    auto const [it, added] = m_coded.try_emplace({path, encoding});
    if (!added && it->second.body) return it->second;
    auto& plain = m_files[path];
    if (!plain) plain = std::make_shared<std::string const>(read_file(m_folder / path));
    it->second.body =
        encoding == Encoding::identity
            ? plain
            : std::make_shared<std::string const>(encode(*plain, encoding, Effort::kept));
    it->second.etag = etag_of(*it->second.body);
    return it->second;
}

std::optional<Response> StaticFolder::answer(Context const& context, std::string_view path) {
    auto const media_type = media_type_of(path);
    auto const encoding = is_text(media_type)
                              ? choose_encoding(context.request.header_list("accept-encoding"))
                              : Encoding::identity;
    File file;
    {
        std::lock_guard const lock{m_mutex};
        list_if_changed();
        if (m_files.find(path) == m_files.end()) return std::nullopt;
        file = coded(std::string{path}, encoding);
    }
    std::string_view const cache_control =
        has_content_hash(path) ? "public, max-age=31536000, immutable" : "no-cache";
    if (names_etag(context.request.header_list("if-none-match"), file.etag))
        return not_modified(file.etag, cache_control, "Accept-Encoding");
    auto response = http::answer(200, media_type, Body{file.body, *file.body});
    if (encoding != Encoding::identity)
        response.with("Content-Encoding", std::string{to_string(encoding)});
    response.with("ETag", file.etag)
        .with("Cache-Control", std::string{cache_control})
        .with("Vary", "Accept-Encoding")
        .with("X-Content-Type-Options", "nosniff");
    return response;
}

} // namespace diaban::services::http
