#pragma once

#include "services/domain/mapped_file.hpp"
#include "services/domain/process.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace diaban::services::domain {

/// Where a node keeps what it can make again from the record and its files: beside them, swept when
/// it is not used for a month.
[[nodiscard]] std::filesystem::path prepared_folder(Work const& work);

/// Cells of a file as they lie in memory. Those of a large raster are unpacked once, into a file
/// that is mapped from then on.
class FlatCells {
public:
    struct Name {
        std::string sha256; ///< of the file
        int band = 1;
        std::size_t cells = 0;
    };
    /// `read` unpacks them, where they are not yet.
    static FlatCells of(std::filesystem::path const& folder, Name const& name,
                        std::function<void(std::span<float>)> const& read);

    [[nodiscard]] std::span<float const> cells() const noexcept { return m_cells; }

private:
    std::shared_ptr<MappedFile const> m_mapped;
    std::vector<float> m_own;
    std::span<float const> m_cells;
};

} // namespace diaban::services::domain
