#include "services/domain/flat_cells.hpp"

#include "data/blob/blob_store.hpp"

#include <system_error>
#include <utility>

namespace diaban::services::domain {

namespace fs = std::filesystem;

namespace {

/// Fewer are unpacked faster than a file is found.
constexpr std::size_t worth_keeping = std::size_t{1} << 20U;

} // namespace

fs::path prepared_folder(Work const& work) {
    return data::blob::BlobStore{work.blobs}.prepared();
}

FlatCells FlatCells::of(fs::path const& folder, Name const& name,
                        std::function<void(std::span<float>)> const& read) {
    FlatCells made;
    auto const file = folder / ("cells-" + name.sha256 + "-" + std::to_string(name.band));
    if (name.cells >= worth_keeping) {
        auto mapped = std::make_shared<MappedFile const>(file);
        if (mapped->bytes().size() == name.cells * sizeof(float)) {
            std::error_code ignored;
            fs::last_write_time(file, fs::file_time_type::clock::now(), ignored); // it is in use
            made.m_cells = {reinterpret_cast<float const*>(mapped->bytes().data()), name.cells};
            made.m_mapped = std::move(mapped);
            return made;
        }
    }
    made.m_own.resize(name.cells);
    read(made.m_own);
    made.m_cells = made.m_own;
    if (name.cells < worth_keeping) return made;
    // Not to be kept, for lack of room, is no fault: they are unpacked again next time.
    static_cast<void>(write_aside(file, [&](std::ostream& out) {
        out.write(reinterpret_cast<char const*>(made.m_own.data()),
                  std::streamsize(made.m_cells.size_bytes()));
    }));
    return made;
}

} // namespace diaban::services::domain
