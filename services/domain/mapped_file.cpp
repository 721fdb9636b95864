#include "services/domain/mapped_file.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <string>
#include <system_error>

namespace diaban::services::domain {

namespace fs = std::filesystem;

MappedFile::MappedFile(fs::path const& file) {
    int const descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return;
    struct stat about {};
    if (::fstat(descriptor, &about) == 0 && about.st_size > 0) {
        auto const size = std::size_t(about.st_size);
        void* const data = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, descriptor, 0);
        if (data != MAP_FAILED) m_bytes = {static_cast<std::byte const*>(data), size};
    }
    ::close(descriptor);
}

MappedFile::~MappedFile() {
    if (!m_bytes.empty()) ::munmap(const_cast<std::byte*>(m_bytes.data()), m_bytes.size());
}

bool write_aside(fs::path const& file, std::function<void(std::ostream&)> const& write) {
    std::error_code fault;
    fs::create_directories(file.parent_path(), fault);
    auto aside = file;
    aside += "." + std::to_string(::getpid());
    std::ofstream out{aside, std::ios::binary};
    write(out);
    out.close();
    if (out) {
        fs::rename(aside, file, fault);
        if (!fault) return true;
    }
    fs::remove(aside, fault);
    return false;
}

} // namespace diaban::services::domain
