#pragma once

#include "data/blob/sha256.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <istream>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace diaban::data::blob {

/// What a stored file is called and how large it is.
struct Blob {
    std::string sha256; ///< 64 hexadecimal digits
    std::uint64_t size = 0;
};

/// A folder of immutable files named by their SHA-256: `ab/abcdef…`. The record's rows own them.
///
/// Order    `put` first, then commit the row that names the file: a crash between leaves an orphan
///          for `sweep`, never a row without its file.
/// Crash    a file is written aside, fsynced, renamed, and its folder fsynced: under its name there
///          is the whole content or nothing, whatever moment the machine stops at.
/// Threads  any number, also of several processes on one folder.
class BlobStore {
public:
    /// Makes the folder if there is none. Throws Error{internal, "blob-folder"}.
    explicit BlobStore(std::filesystem::path folder);

    /// Stores bytes; those that are there already are only marked as new, for `sweep`.
    /// Throws Error{unavailable, "disk-full"}, Error{internal, "blob-write"}.
    Blob put(std::span<std::byte const> bytes);
    Blob put(std::istream& bytes);
    /// Takes over a finished file of the same file system, which is not under its name any more.
    Blob adopt(std::filesystem::path const& file);
    /// A folder inside, for files that are being made to be adopted; `name` is a file name.
    [[nodiscard]] std::filesystem::path workshop(std::string const& name) const {
        return m_folder / "unfinished" / name;
    }
    /// A folder inside, for what can be made again from files and record: no row owns it, no backup
    /// needs it, and `sweep` takes away what nobody touched for a month.
    [[nodiscard]] std::filesystem::path prepared() const { return m_folder / "prepared"; }

    /// Where the file of that name lies; nothing if it is not there. The name is checked: anything
    /// but 64 lower-case hexadecimal digits is not there.
    [[nodiscard]] std::optional<std::filesystem::path> find(std::string_view sha256) const;

    /// Whether the file's content is what its name says.
    [[nodiscard]] bool intact(std::string_view sha256) const;

    struct Swept {
        std::uint64_t orphans = 0;    ///< files without a row
        std::uint64_t unfinished = 0; ///< files that were being written when a process ended
        std::uint64_t bytes = 0;
    };
    /// Removes files and workshops older than `grace` that nobody owns. `grace` must exceed the
    /// longest time between a `put` and the commit of its row.
    Swept sweep(std::chrono::seconds grace, std::function<bool(std::string const&)> const& owned);

private:
    std::filesystem::path m_folder;
};

} // namespace diaban::data::blob
