using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using OrleansCrm.Server.Tests.Hosting;

namespace OrleansCrm.Breaking.Tests.Load;

/// <summary>
/// Senders that never give up: what was not acknowledged is sent again, as it was, until it is. Now and then they send something again
/// that was acknowledged long ago, which must count as a repeat.
/// </summary>
internal sealed class Clients : IAsyncDisposable
{
    private const int Senders = 8;
    private const double QuietCustomer = 0.003;
    private const double Repeat = 0.05;
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(15);

    private readonly Ledger _ledger;
    private readonly Tally _tally;
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false }) { Timeout = TimeSpan.FromSeconds(100) };
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<Batch> _unacknowledged = new();
    private readonly ConcurrentDictionary<Sending, bool> _underWay = new();
    private readonly List<Batch> _acknowledged = [];
    private readonly Task[] _running;
    private volatile Mood _mood;
    private volatile Uri? _address;
    private CancellationTokenSource _waiting = new();
    private int _busy;

    public Clients(Ledger ledger, Tally tally, int seed)
    {
        _ledger = ledger;
        _tally = tally;
        _running = [.. Enumerable.Range(0, Senders).Select(sender => RunAsync(new Random(seed * Senders + sender)))];
    }

    private enum Mood
    {
        /// <summary>Send nothing.</summary>
        Rest,

        /// <summary>Send what was not acknowledged, and nothing new.</summary>
        Settle,

        /// <summary>Send all the time.</summary>
        Load,
    }

    /// <summary>Requests whose answer is not there yet.</summary>
    public Sending[] UnderWay => [.. _underWay.Keys];

    /// <summary>Requests that were acknowledged since the beginning.</summary>
    public long Acknowledged => Interlocked.Read(ref _tally.AcknowledgedRequests);

    /// <summary>Sends to this address from now on, and waits no longer for answers from another.</summary>
    public void TurnTo(Uri address)
    {
        if (_address is not null && _address != address)
            Interlocked.Exchange(ref _waiting, new CancellationTokenSource()).Cancel();
        _address = address;
    }

    public void Load() => _mood = Mood.Load;

    /// <summary>Sends until nothing is left that was not acknowledged; then nothing is under way.</summary>
    public async Task SettleAsync()
    {
        _mood = Mood.Settle;
        await Patience.UntilAsync("everything is acknowledged", () => _unacknowledged.IsEmpty && Volatile.Read(ref _busy) == 0);
        _mood = Mood.Rest;
    }

    /// <summary>Waits until the server has acknowledged something that it was sent after this call.</summary>
    public async Task UntilAcknowledgedAsync(string what)
    {
        // Each sender may have one answer under way.
        var enough = Acknowledged + Senders + 1;
        await Patience.UntilAsync(what, () => Acknowledged >= enough);
    }

    /// <summary>Publishes a program; the server must be there.</summary>
    public async Task PublishAsync(string program)
    {
        using var request = new HttpRequestMessage(HttpMethod.Put, new Uri(_address!, "/v1/program")) { Content = new StringContent(program) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", TestKeys.ApiKey);
        using var response = await _http.SendAsync(request);
        if (response.StatusCode != HttpStatusCode.OK)
            throw new InvalidOperationException($"The program was answered {(int)response.StatusCode}.");
    }

    /// <summary>Sends one batch, which counts as not acknowledged whatever the answer is.</summary>
    public async Task<Outcome> SendUnheardAsync(Uri address, Batch batch)
    {
        var outcome = await PostAsync(address, batch);
        _unacknowledged.Enqueue(batch);
        return outcome;
    }

    /// <summary>Sends one batch, again later when it is not acknowledged.</summary>
    public async Task<Outcome> SendAsync(Batch batch)
    {
        var sending = new Sending(batch);
        _underWay.TryAdd(sending, true);
        var outcome = await PostAsync(_address!, batch);
        if (outcome == Outcome.Acknowledged)
            Note(batch);
        else
            _unacknowledged.Enqueue(batch);
        _underWay.TryRemove(sending, out _);
        sending.End(outcome);
        return outcome;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _waiting.CancelAsync();
        await Task.WhenAll(_running);
        _http.Dispose();
    }

    private async Task RunAsync(Random random)
    {
        while (!_stopping.IsCancellationRequested)
        {
            // Busy first: who waits for rest must not look between the queue and the sending.
            Interlocked.Increment(ref _busy);
            var outcome = Next(random) is { } batch ? await SendAsync(batch) : Outcome.PutOff;
            Interlocked.Decrement(ref _busy);
            if (outcome != Outcome.Acknowledged)
                await Task.Delay(Breath);
        }
    }

    private Batch? Next(Random random)
    {
        if (_address is null || _mood == Mood.Rest)
            return null;
        if (_unacknowledged.TryDequeue(out var again))
            return again;
        if (_mood == Mood.Settle)
            return null;
        if (random.NextDouble() < Repeat)
        {
            lock (_acknowledged)
            {
                if (_acknowledged.Count > 0)
                    return _acknowledged[random.Next(_acknowledged.Count)];
            }
        }

        return random.NextDouble() < QuietCustomer ? _ledger.NewQuietCustomer() : _ledger.NewBatch(random);
    }

    private void Note(Batch batch)
    {
        Interlocked.Increment(ref _tally.AcknowledgedRequests);
        if (batch.IsAcknowledged)
            return;
        batch.IsAcknowledged = true;
        Interlocked.Add(ref _tally.AcknowledgedEvents, batch.Events);
        lock (_acknowledged)
            _acknowledged.Add(batch);
    }

    private async Task<Outcome> PostAsync(Uri address, Batch batch)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/v1/batch")) { Content = new StringContent(batch.Body) };
        request.Headers.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(TestKeys.WriteKey + ":")));
        try
        {
            var token = _waiting.Token;
            using var response = await _http.SendAsync(request, token);
            var body = await response.Content.ReadAsStringAsync(token);
            switch (response.StatusCode)
            {
                case HttpStatusCode.OK:
                    Judge(batch, JsonDocument.Parse(body).RootElement);
                    return Outcome.Acknowledged;
                case HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable:
                    if (response.Headers.RetryAfter is not { Delta: { } wait } || wait < TimeSpan.FromSeconds(1))
                        _tally.Mismatch($"{(int)response.StatusCode} without Retry-After");
                    Interlocked.Increment(ref _tally.PutOff);
                    return Outcome.PutOff;
                default:
                    _tally.Mismatch($"a batch was answered {(int)response.StatusCode}: {body}");
                    return Outcome.PutOff;
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException)
        {
            return Outcome.Unanswered;
        }
    }

    private void Judge(Batch batch, JsonElement answer)
    {
        var accepted = answer.GetProperty("accepted").GetInt32();
        var duplicate = answer.GetProperty("duplicate").GetInt32();
        if (accepted + duplicate != batch.Events)
            _tally.Mismatch($"of a batch of {batch.Events} events {accepted} were accepted and {duplicate} were repeats: {answer}");
        else if (batch.IsAcknowledged && accepted > 0)
            _tally.Mismatch($"{accepted} of {batch.Events} events that had been acknowledged were new again");
        if (batch.IsAcknowledged)
            Interlocked.Increment(ref _tally.Repeats);
    }
}
