#pragma once

#include "services/http/negotiation.hpp"
#include "services/http/router.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::services::http {

/// Files of one folder, held in memory and sent as they are.
///
/// Paths    only names found when the folder was listed are served: no path of a request ever
///          reaches the file system, so none can leave the folder. Links and hidden files are left
///          out.
/// Changes  the folder is listed again when its modification (of `index.html` or of itself) shows.
/// Coding   gzip, brotli or zstd for what is text, made once for each.
class StaticFolder {
public:
    explicit StaticFolder(std::filesystem::path folder);

    /// `path` relative, without a leading slash; nothing if there is no such file.
    /// A file whose name holds a content hash may be kept for good, others are asked about.
    [[nodiscard]] std::optional<Response> answer(Context const& context, std::string_view path);

private:
    struct File {
        std::shared_ptr<std::string const> body;
        std::string etag;
    };
    using Key = std::pair<std::string, Encoding>;

    void list_if_changed();
    [[nodiscard]] File coded(std::string const& path, Encoding encoding);

    std::filesystem::path m_folder;
    std::mutex m_mutex;
    std::filesystem::file_time_type m_listed{};
    std::int64_t m_checked = 0; // steady clock, in seconds
    std::map<std::string, std::shared_ptr<std::string const>, std::less<>> m_files;
    std::map<Key, File> m_coded;
};

/// Media type by the ending of a file's name.
[[nodiscard]] std::string media_type_of(std::string_view path);

/// Whether a file's name holds a content hash, as build tools write it: `name-B1xY9z_k.js`.
[[nodiscard]] bool has_content_hash(std::string_view path) noexcept;

} // namespace diaban::services::http
