using Microsoft.AspNetCore.Http.Connections;
using Microsoft.AspNetCore.SignalR;
using OrleansCrm.Server.Auth;

namespace OrleansCrm.Server.Offers;

/// <summary>
/// Where a customer's own page hears of offers. Nothing is to be called: <c>NextBestOffer</c> says on connecting what stands, and again
/// whenever that is another offer, or none any more. The customer is the token's, or who has that id by now, so nobody hears of anybody else.
/// The page of a visitor who signs in hears that the visitor is offered nothing any more, and connects again to hear of the customer's. A
/// page of another origin connects by WebSocket at once, without negotiating, which browsers would ask leave for.
/// </summary>
internal sealed class CustomerHub(OfferRelay relay) : Hub
{
    /// <summary>Whose offers a connection hears of, among its items.</summary>
    private const string Customer = "customer";

    /// <summary>A client that takes nothing for this long is cut off; it comes back and is told what stands.</summary>
    private static readonly TimeSpan SendTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Nothing is sent here: a handshake and pings.</summary>
    private const int ReceiveBytesMax = 4 * 1024;

    public static void Configure(HttpConnectionDispatcherOptions options)
    {
        options.CloseOnAuthenticationExpiration = true;
        options.TransportSendTimeout = SendTimeout;
        options.ApplicationMaxBufferSize = ReceiveBytesMax;
    }

    public override async Task OnConnectedAsync()
    {
        var customer = await relay.FindOwnerAsync(Context.User!.Customer());
        if (!relay.TryJoin(customer, Context))
            throw new HubException("too_many_connections: as many pages of this customer, or of this shop, are open as may be.");
        Context.Items[Customer] = customer;
        await Groups.AddToGroupAsync(Context.ConnectionId, customer, Context.ConnectionAborted);

        // Only now: what changes between the reading and the joining would be lost the other way round.
        await relay.TellAsync(customer, Context.ConnectionId);
    }

    public override Task OnDisconnectedAsync(Exception? exception)
    {
        if (Context.Items.TryGetValue(Customer, out var customer))
            relay.Leave((string)customer!, Context);
        return Task.CompletedTask;
    }
}

internal static class CustomerHubEndpoints
{
    public static void MapCustomerHub(this IEndpointRouteBuilder routes) =>
        routes.MapHub<CustomerHub>("/hubs/customer", CustomerHub.Configure).RequireAuthorization(Policies.Shopper);
}
