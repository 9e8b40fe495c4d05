export type { Account, AccountSoFar, WaitReason } from "./download/Account.js";
export { calculateBackoffDelay } from "./download/calculateBackoffDelay.js";
export type { ChunkRange } from "./download/ChunkRange.js";
export { describeEvent } from "./download/describeEvent.js";
export { download } from "./download/download.js";
export { policyNames } from "./download/DownloadConfig.js";
export type { DownloadConfig, DownloadParts, PolicyName } from "./download/DownloadConfig.js";
export type {
  DownloadEvent,
  DownloadEventOf,
  DownloadEventType,
  DownloadEventWith,
  ManifestCard,
  RunEvent,
  UntimedEvent,
} from "./download/DownloadEvent.js";
export type { DiscoveryEvent, Question } from "./download/DiscoveryEvent.js";
export { ofType } from "./download/ofType.js";
export { initialState, percentHashed, percentOf } from "./download/DownloadState.js";
export type {
  DownloadPhase,
  DownloadState,
  OpenChunk,
  PeerRow,
  PeerState,
  RecentLine,
  RecoveryState,
  RetryingState,
} from "./download/DownloadState.js";
export { poolConfig } from "./download/poolConfig.js";
export { reduce } from "./download/reduce.js";
export { resolveRetryConfig, retryDefaults } from "./download/RetryConfig.js";
export type { GivenRetryConfig, RetryConfig } from "./download/RetryConfig.js";
export { DownloadError } from "./errors/DownloadError.js";
export type { DownloadErrorDetails } from "./errors/DownloadError.js";
export { isTransientError } from "./errors/isTransientError.js";
export type { DownloadErrorCode, Verdict } from "./errors/verdicts.js";
export { verdicts } from "./errors/verdicts.js";
export { buildManifest } from "./manifest/buildManifest.js";
export type { BuildManifestOptions } from "./manifest/buildManifest.js";
export type { ManifestLimits } from "./manifest/checkManifest.js";
export { chunkAt, chunkCount } from "./manifest/chunks.js";
export type { Digest } from "./manifest/Digest.js";
export type { Hasher, Hashes, NewHasher, Sha256 } from "./manifest/Hasher.js";
export type { HashType } from "./manifest/HashType.js";
export type { Checks, Chunk, FileFacts, Integrity, Manifest, Pieces, Validators } from "./manifest/Manifest.js";
export { leased } from "./peers/leased.js";
export type { NamedAddress, PeerOrigin } from "./peers/NamedAddress.js";
export type { ByteRange, Peer, PeerSource, Receiver } from "./peers/Peer.js";
export type { WasteReason } from "./transfer/TransferParts.js";
export { PeerPool } from "./peers/PeerPool.js";
export type { PoolParts } from "./peers/PeerPool.js";
export type { PeerRecord } from "./peers/PeerRecord.js";
export type { PoolMember } from "./peers/PooledPeer.js";
export type { PoolConfig } from "./peers/PoolConfig.js";
export type { PeerUnderWay, PoolEvent } from "./peers/PoolEvent.js";
export type { HealthState } from "./peers/PeerHealth.js";
export type { Contender, RankingStrategy } from "./peers/strategies.js";
export { strategyNames } from "./peers/strategies.js";
export type { StrategyName } from "./peers/strategies.js";
export { selectRetryPeer } from "./peers/selectRetryPeer.js";
export type { CompleteChunk, HedgeReason, TransferEvent } from "./transfer/TransferEvent.js";
export type { Catalogue, CatalogueContent, CatalogueDelta, LoadedCatalogue } from "./storage/Catalogue.js";
export type { Checkpoint, ChunkRetryState } from "./storage/Checkpoint.js";
export type { ChunkSet } from "./storage/Bitmap.js";
export type { ChunkSink, Doubt } from "./storage/ChunkSink.js";
export type { ProgressStore, UnreadableCheckpoint } from "./storage/ProgressStore.js";
export type { MetPeer } from "./storage/MetPeer.js";
export type { SavedPeerRecord } from "./storage/SavedPeerRecord.js";
export type { RunOutcome, RunSummary, Totals } from "./storage/Totals.js";
