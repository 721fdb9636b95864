#pragma once

#include <cstddef>
#include <filesystem>
#include <span>

namespace diaban::data::gdal {

/// Memory for the cells of a grid that may be larger than the machine's: a file without a name,
/// mapped. The system keeps in memory what is being worked on and writes the rest out.
///
/// Contents  zeros at first; gone with the object, also when the process is killed.
class ScratchBytes {
public:
    /// Throws    Error{bad_input, "unwritable-file"} with the reason: no such folder, no room on
    /// it.
    ScratchBytes(std::filesystem::path const& folder, std::size_t size);
    ScratchBytes(ScratchBytes&& other) noexcept;
    ScratchBytes& operator=(ScratchBytes&& other) noexcept;
    ~ScratchBytes();

    [[nodiscard]] std::byte* data() const noexcept { return m_data; }
    [[nodiscard]] std::size_t size() const noexcept { return m_size; }

private:
    std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

/// Cells of a plain arithmetic type on such memory.
template <typename T>
class ScratchCells {
public:
    ScratchCells(std::filesystem::path const& folder, std::size_t cells)
        : m_bytes{folder, cells * sizeof(T)} {}

    [[nodiscard]] std::span<T> cells() const noexcept {
        // Mapped pages are aligned for every type, and hold no object of another.
        return {reinterpret_cast<T*>(m_bytes.data()), m_bytes.size() / sizeof(T)};
    }

private:
    ScratchBytes m_bytes;
};

} // namespace diaban::data::gdal
