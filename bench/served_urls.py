"""URLs of `bench/served.py`: the portal's, bare views, and lists from Django REST framework."""

from django.urls import include, path
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination
from rest_framework_gis.pagination import GeoJsonPagination
from served import empty, one

from species.darwincore import serializers
from species.models import CuratedObservation, Dataset, Taxon

SIZE = 1_000


class PlainPages(PageNumberPagination):
    page_size = SIZE


class PlainFeatures(GeoJsonPagination):
    page_size = SIZE


class PlainObservations(ListAPIView):
    queryset = (
        CuratedObservation.objects.published().select_related("taxon", "dataset").order_by("pk")
    )
    serializer_class = serializers.ObservationSerializer
    pagination_class = PlainFeatures


class PlainDatasets(ListAPIView):
    queryset = Dataset.objects.listed().order_by("pk")
    serializer_class = serializers.DatasetSerializer
    pagination_class = PlainPages


class PlainTaxa(ListAPIView):
    queryset = Taxon.objects.order_by("pk")
    serializer_class = serializers.TaxonSerializer
    pagination_class = PlainPages


urlpatterns = [
    path("bench/empty/", empty),
    path("bench/one/", one),
    path("bench/observations/", PlainObservations.as_view()),
    path("bench/datasets/", PlainDatasets.as_view()),
    path("bench/taxa/", PlainTaxa.as_view()),
    path("", include("config.urls")),
]
