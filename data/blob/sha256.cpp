#include "data/blob/sha256.hpp"

#include <sodium/crypto_hash_sha256.h>
#include <sodium/utils.h>

namespace diaban::data::blob {
namespace {

unsigned char const* octets(std::byte const* bytes) {
    return reinterpret_cast<unsigned char const*>(bytes);
}

} // namespace

struct Sha256::State {
    crypto_hash_sha256_state hash{};
};

Sha256::Sha256() : m_state{std::make_unique<State>()} {
    crypto_hash_sha256_init(&m_state->hash);
}
Sha256::~Sha256() = default;

void Sha256::add(std::span<std::byte const> bytes) {
    crypto_hash_sha256_update(&m_state->hash, octets(bytes.data()), bytes.size());
}

Digest Sha256::finish() {
    Digest digest{};
    crypto_hash_sha256_final(&m_state->hash, reinterpret_cast<unsigned char*>(digest.data()));
    return digest;
}

Digest sha256(std::span<std::byte const> bytes) {
    Digest digest{};
    crypto_hash_sha256(reinterpret_cast<unsigned char*>(digest.data()), octets(bytes.data()),
                       bytes.size());
    return digest;
}

std::string hex(Digest const& digest) {
    std::array<char, 2 * sizeof(Digest) + 1> text{};
    sodium_bin2hex(text.data(), text.size(), octets(digest.data()), digest.size());
    return {text.data(), text.size() - 1};
}

} // namespace diaban::data::blob
