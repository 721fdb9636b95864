#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace diaban::services::archive {

/// A file that is read at places and written at places.
///
/// Threads  any number may read.
/// Throws   Error{bad_input, "unwritable-file"} where writing fails; reading says by what it
///          returns whether it could.
class File {
public:
    enum class Use : std::uint8_t { read, write };

    /// With `write` it is made where it is not there; what it holds stays.
    File(std::filesystem::path path, Use use);
    ~File();
    File(File const&) = delete;
    File& operator=(File const&) = delete;

    [[nodiscard]] bool is_open() const noexcept { return m_descriptor >= 0; }
    [[nodiscard]] std::filesystem::path const& path() const noexcept { return m_path; }
    [[nodiscard]] std::uint64_t size() const noexcept;
    /// Fills `bytes` from `offset` on; false where the file ends before, or cannot be read.
    [[nodiscard]] bool read(std::uint64_t offset, char* bytes, std::size_t size) const noexcept;
    /// Empty where it cannot be read.
    [[nodiscard]] std::string read(std::uint64_t offset, std::size_t size) const;
    void write(std::uint64_t offset, std::string_view bytes);
    void cut(std::uint64_t size);
    /// Waits until what was written is on the disk.
    void sync();
    /// False where another process works on the file.
    [[nodiscard]] bool lock() noexcept;

private:
    [[noreturn]] void fail() const;

    std::filesystem::path m_path;
    int m_descriptor = -1;
};

/// Gives `made`, which is on the disk, the name `target`, and waits until that is on the disk too.
/// Throws   as File.
void give_name(std::filesystem::path const& made, std::filesystem::path const& target);

} // namespace diaban::services::archive
