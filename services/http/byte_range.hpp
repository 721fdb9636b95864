#pragma once

#include "services/http/router.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace diaban::services::http {

/// What of a body is asked for (RFC 9110, 14).
struct AskedRange {
    enum class Kind : std::uint8_t {
        whole,       ///< no range, one that is not understood, several, or of another state
        part,        ///< `first` to `last`, both included
        unsatisfied, ///< begins behind the end
    };
    Kind kind = Kind::whole;
    std::uint64_t first = 0;
    std::uint64_t last = 0;
};

/// Range and If-Range held to a body of `size` bytes that is named by the strong tag `etag`.
[[nodiscard]] AskedRange choose_range(std::string_view range, std::string_view if_range,
                                      std::string_view etag, std::uint64_t size) noexcept;

/// A file that does not change, as it is answered.
struct ServedFile {
    std::filesystem::path path;
    std::string name; ///< offered to whoever saves it
    std::string media_type;
    std::string etag; ///< strong, quoted
};

/// 200, 206, 304 or 416; the file is mapped, not read. It may go on to be sent after it was
/// removed. Throws   Error{internal, "file-unreadable"}.
[[nodiscard]] Response answer_file(Context const& context, ServedFile const& file);

} // namespace diaban::services::http
