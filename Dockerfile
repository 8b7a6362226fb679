# Builds an image of gamesparks-server from a clone, with the versions of modules that go install uses. The clone needs its
# directory .git for the version. The manual, docs/server.md, describes how to run the image.
FROM docker.io/library/golang:1.26-bookworm@sha256:a688600ca24f8a4d3ca77f95b0dd40704a9fc787c826660eb7ba0b641b8b175d AS build
WORKDIR /src
COPY . .
ENV CGO_ENABLED=0 GOWORK=off
RUN go -C cmd build -trimpath -ldflags="-s -w" -o /out/gamesparks-server ./gamesparks-server && mkdir /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/gamesparks-server /gamesparks-server
COPY --from=build --chown=65532:65532 /out/data /var/lib/gamesparks
USER 65532:65532
ENV GAMESPARKS_SERVER_ADDR=0.0.0.0:8770 GAMESPARKS_SERVER_DATA=/var/lib/gamesparks/games.db
VOLUME /var/lib/gamesparks
EXPOSE 8770
HEALTHCHECK --interval=10s --timeout=6s --start-period=30s CMD ["/gamesparks-server", "healthcheck"]
ENTRYPOINT ["/gamesparks-server"]
