#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <ostream>
#include <span>

namespace diaban::services::domain {

/// The bytes of a file as it was when it was opened, mapped for reading.
class MappedFile {
public:
    explicit MappedFile(std::filesystem::path const& file);
    ~MappedFile();
    MappedFile(MappedFile const&) = delete;
    MappedFile& operator=(MappedFile const&) = delete;

    /// None: there is no such file, it is empty, or it cannot be mapped.
    [[nodiscard]] std::span<std::byte const> bytes() const noexcept { return m_bytes; }

private:
    std::span<std::byte const> m_bytes;
};

/// Writes a file beside `file` and gives it the name: readers see the old one or the new. Folders
/// that lack are made. Returns whether it stands; if not, nothing is left behind.
[[nodiscard]] bool write_aside(std::filesystem::path const& file,
                               std::function<void(std::ostream&)> const& write);

} // namespace diaban::services::domain
