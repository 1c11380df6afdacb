namespace OrleansCrm.Server.Import;

/// <summary>Where a history goes: the engine in this process, or a server over HTTP.</summary>
internal interface IImportTarget : IAsyncDisposable
{
    /// <summary>How many batches may be under way at once. Batches of one lane are sent one after another.</summary>
    int Lanes { get; }

    /// <summary>Journals in every partition that the import runs.</summary>
    /// <returns>The plan that stands: that of the first run ever, or <paramref name="proposed"/> when this is the first.</returns>
    Task<ImportPlan> StartAsync(ImportPlan proposed, CancellationToken cancellation);

    /// <summary>Tells every partition that the import still runs; due within ten minutes of the last word.</summary>
    Task RenewAsync(string import, CancellationToken cancellation);

    /// <summary>Durable and applied when it returns. Waits and tries again while the engine is overloaded or away.</summary>
    /// <exception cref="ImportException">It was away for too long.</exception>
    Task<SendResult> SendAsync(IReadOnlyList<ImportEvent> batch, CancellationToken cancellation);

    /// <summary>Journals in every partition that the history is complete: what was due during it may happen now.</summary>
    Task EndAsync(string import, CancellationToken cancellation);

    /// <summary>How many due wakes and undelivered outcomes the engine still has to work off.</summary>
    Task<long> CountUnsettledAsync(CancellationToken cancellation);

    /// <summary>Stores everything that no snapshot covers yet.</summary>
    Task FlushAsync(CancellationToken cancellation);
}

/// <param name="Rejections">How many were refused for good, by code.</param>
internal sealed record SendResult(int Applied, int Duplicates, IReadOnlyDictionary<string, int> Rejections);
