# leakwatch as a container: one static binary, no shell, no root.
#
#   docker build -t leakwatch .
#   docker run -v leakwatch:/srv/leakwatch leakwatch init /srv/leakwatch      once; then edit leakwatch.yaml in the volume
#   docker run -v leakwatch:/srv/leakwatch leakwatch                          serve
#
# Health and metrics listen on loopback, inside the container: a scraper shares its network (--network container:ID).
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags="-s -w" -o /out/leakwatch ./cmd/leakwatch
RUN .ci/notice >/out/NOTICE && mkdir /out/srv /out/tmp && chmod 1777 /out/tmp

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY --from=build /out/leakwatch /out/NOTICE /
COPY --from=build /out/tmp /tmp
COPY --from=build --chown=65532:65532 /out/srv /srv/leakwatch
USER 65532:65532
WORKDIR /srv/leakwatch
VOLUME /srv/leakwatch
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s CMD ["/leakwatch", "health"]
ENTRYPOINT ["/leakwatch"]
CMD ["serve"]
